"""Every kind of chart in Chromium, in light and dark, on a desk and on a telephone: nothing collides or sticks out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import shoot
from tests.gallery import GALLERY, page

pytestmark = pytest.mark.browser

MEASURE = """() => [...document.querySelectorAll('section')].map(section => {
    const chart = section.querySelector('.chart'), frame = chart.getBoundingClientRect()
    const box = one => { const r = one.getBoundingClientRect()
        return {text: one.textContent, left: r.left, right: r.right, top: r.top, bottom: r.bottom} }
    const texts = selector => [...chart.querySelectorAll(selector)].map(box).filter(one => one.text.trim())
    return {
        name: section.id,
        painted: chart.querySelectorAll('.main-svg').length,
        frame: {left: frame.left, right: frame.right, top: frame.top, bottom: frame.bottom},
        x: texts('.xaxislayer-above .xtick text'),
        y: texts('.yaxislayer-above .ytick text'),
        bars: texts('.bartext'),
        all: texts('.infolayer text, .xtick text, .ytick text, .bartext, .slicetext, .legendtext'),
        title: texts('.g-gtitle text'),
        legend: texts('.legend text.legendtext'),
        markup: chart.querySelectorAll('.main-svg a, script, image:not([*|href^="data:"])').length,
    }
})"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_the_gallery_can_be_read(chromium: Browser, tmp_path: Path, width: int, dark: bool) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900})
    try:
        sheet = context.new_page()
        errors: list[str] = []
        sheet.on("pageerror", lambda error: errors.append(str(error)))
        sheet.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        file = tmp_path / "gallery.html"
        file.write_text(page(dark), encoding="utf-8")
        sheet.goto(file.as_uri())
        sheet.wait_for_function(f"document.querySelectorAll('.chart .main-svg').length >= {len(GALLERY)}")
        shoot(sheet, f"gallery-{'dark' if dark else 'light'}-{width}")
        found = sheet.evaluate(MEASURE)
        assert errors == []
        assert [one["name"] for one in found if not one["painted"]] == []
        assert "\n".join(fault for one in found for fault in faults(one)) == ""
        overflow = sheet.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0
    finally:
        context.close()


def faults(chart: dict[str, Any]) -> list[str]:
    """What a reader would stumble over in one chart."""
    frame, name = chart["frame"], chart["name"]
    made = [
        f"{name}: «{a['text']}» touches «{b['text']}»" for kind in ("x", "y", "bars") for a, b in touching(chart[kind])
    ]
    made += [
        f"{name}: «{one['text']}» sticks out"
        for one in chart["all"]
        if one["left"] < frame["left"] - 1 or one["right"] > frame["right"] + 1
        or one["top"] < frame["top"] - 1 or one["bottom"] > frame["bottom"] + 1
    ]  # fmt: skip
    made += [
        f"{name}: «{one['text']}» covers «{other['text']}»"
        for ones, others in ((chart["title"], ("legend", "bars", "y")), (chart["bars"], ("x", "y")), (chart["y"], "x"))
        for one in ones
        for other in (each for kind in others for each in chart[kind])
        if overlap(one, other)
    ]
    return [*made, f"{name}: {chart['markup']} elements of markup"] if chart["markup"] else made


def touching(boxes: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(a, b) for at, a in enumerate(boxes) for b in boxes[at + 1 :] if overlap(a, b)]


def overlap(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Whether they share more than a hair's breadth."""
    return bool(
        min(a["right"], b["right"]) - max(a["left"], b["left"]) > 1
        and min(a["bottom"], b["bottom"]) - max(a["top"], b["top"]) > 3
    )
