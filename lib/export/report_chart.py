"""A chart as a report carries it: data for Plotly in light and dark, within the room that the file has for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lib.board.exhibit import Exhibit
from lib.charts.draw import draw
from lib.charts.spec import Kind, Spec
from lib.data.table import counted
from lib.engine.result import Column, Json
from lib.export.described import described

_THINNED: tuple[Kind, ...] = ("line", "area", "scatter", "histogram", "box")
"""Kinds that still show the same with every second row."""


@dataclass(frozen=True)
class Chart:
    """`figure` has what Plotly draws and what differs in the dark, None when it takes more than its room.

    `words` say what it shows, `notes` what it does not show.
    """

    figure: dict[str, Any] | None
    words: str
    notes: tuple[str, ...]


def chart(exhibit: Exhibit, rows: list[list[Json]], room: int) -> Chart | None:
    """The chart of the result's `rows` in at most `room` bytes of JSON; None for kinds without a figure.

    Where the engine made something of all rows for the chart, it is drawn from that.
    """
    spec, columns, given = exhibit.spec, exhibit.result.columns, []
    if exhibit.reduced is not None:
        made = exhibit.reduced
        spec, columns, rows, given = made.spec, made.result.columns, made.result.rows(), [made.note]
    found = _figure(spec, columns, rows)
    if found is None:
        return None
    figure, note = found
    notes = [note]
    step = 1
    while (size := _size(figure)) > room and spec.kind in _THINNED and spec.aggregate == "none":
        step = max(step + 1, step * size // room + 1)
        some = rows[::step]
        found = _figure(spec, columns, some) if len(some) > 1 else None
        if found is None:
            break
        figure, note = found
        notes = [note, f"Drawn from one row in {step}: {len(some):,} of {len(rows):,}."]
    if exhibit.result.truncated and exhibit.reduced is None:
        notes.append(f"Drawn from the first {counted(len(rows), 'row')} only.")
    words = described(spec, columns, rows)
    if size > room:
        return Chart(None, words, ("The chart needs more room than this file has.",))
    return Chart(figure, words, tuple(one for one in (*given, *notes) if one))


def _figure(spec: Spec, columns: Sequence[Column], rows: list[list[Json]]) -> tuple[dict[str, Any], str] | None:
    light, dark = (draw(spec, columns, rows, dark=night) for night in (False, True))
    if light.figure is None or dark.figure is None:
        return None
    day, night = json.loads(light.figure.to_json()), json.loads(dark.figure.to_json())
    for trace in (*day["data"], *night["data"]):
        if trace["type"] == "scattergl":  # a page has few contexts for it, and a printer none
            trace["type"] = "scatter"
    changes = [
        {key: value for key, value in after.items() if before.get(key) != value}
        for before, after in zip(day["data"], night["data"], strict=True)
    ]
    return {**day, "dark": {"data": changes, "layout": night["layout"]}}, light.note


def _size(figure: dict[str, Any]) -> int:
    """Bytes, without the templates: all charts of a file share them."""
    day, night = figure["layout"], figure["dark"]["layout"]
    without = {**figure, "layout": _bare(day), "dark": {**figure["dark"], "layout": _bare(night)}}
    return len(json.dumps(without, separators=(",", ":")).encode())


def _bare(layout: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in layout.items() if key != "template"}
