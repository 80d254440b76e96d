"""A model's Markdown as Streamlit's own parser reads it: formulas are drawn, and nothing is asked of anybody."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lib.ui.inert import plain, plain_lines, prose
from tests.browser.conftest import Opener, running_app, settled, shoot
from tests.hostile import CANARY, HOSTILE
from tests.test_inert import COMMANDS_THAT_ACT, FORMULAS, FORMULAS_AND_DIRECTIVES, IMAGES_AND_LINKS, NO_FORMULAS

pytestmark = pytest.mark.browser

PAGE = """
import json, pathlib, streamlit as st
for kind, texts in json.loads(pathlib.Path({texts!r}).read_text()).items():
    with st.container(key=kind):
        for text in texts:
            st.markdown(text)
"""


def test_formulas_are_drawn_and_nothing_is_loaded(open_page: Opener, tmp_path: Path) -> None:
    acting = [one for one in COMMANDS_THAT_ACT if "`" not in one]
    hostile = [*IMAGES_AND_LINKS.values(), *FORMULAS_AND_DIRECTIVES.values(), *HOSTILE.values()]
    texts = {
        "drawn": list(map(prose, FORMULAS)),
        "money": [prose(f"{text}\n\n$x$") for text in NO_FORMULAS],
        "acting": [
            prose(f"${one}$\n\n$x$" if "`" not in one else one) for one in (f"\\{c}" for c in COMMANDS_THAT_ACT)
        ],
        # With a formula after it, so that Streamlit looks for formulas in all of it.
        "literal": [drawn(text) for text in HOSTILE.values() for drawn in (plain, plain_lines)],
        "hostile": [*map(prose, hostile), *(prose(f"{text}\n\n$x$") for text in hostile)],
    }
    (tmp_path / "texts.json").write_text(json.dumps(texts))
    (tmp_path / "page.py").write_text(PAGE.format(texts=str(tmp_path / "texts.json")))
    with running_app(tmp_path / "page.py") as url:
        page = open_page(url)
        settled(page)
        drawn = page.locator(".st-key-drawn")
        expect(drawn.locator(".katex").first).to_be_visible()
        shoot(page, "prose")
        assert drawn.locator("[data-testid=stMarkdown]:not(:has(.katex))").count() == 0
        assert drawn.locator(".katex-error, [style*='cc0000']").count() == 0
        assert drawn.locator(".katex-display").count() == 4
        assert page.locator(".st-key-money .katex").count() == len(NO_FORMULAS)
        assert page.locator(".st-key-acting .katex").count() == len(acting)
        assert page.locator("[class*=st-key-] :is(img, iframe, svg image)").count() == 0
        assert page.locator(".st-key-literal").locator("a, code, .katex, .stMarkdownColoredText").count() == 0
        assert page.evaluate(f"window.{CANARY}") is None
        links = page.locator(".st-key-hostile a[href]:not([href^='#'])").evaluate_all(
            "all => all.map(a => [a.textContent, decodeURI(a.getAttribute('href'))])"
        )
        assert [one for one in links if one[0] not in (one[1], re.sub("^(mailto:|http://(?=www))", "", one[1]))] == []
