"""A report as one HTML file: it asks nobody for anything, runs nothing but what we wrote, and carries its proof."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from lib.board.exhibit import Exhibit
from lib.data.table import counted
from lib.engine.result import Json, Result
from lib.engine.types import is_number
from lib.export.cell_text import Rows, cells, cut_in, rounded
from lib.export.proof import CLOSES, OPENS, Claim, proof_of
from lib.export.report_chart import Chart, chart
from lib.export.words import checks, moment, rows_in, visible

MOST_BYTES = 6_000_000
"""Of a report of ten answers."""
LEAST_ROOM = 100_000
"""Bytes that each answer has for its chart and its table, however many answers there are."""
MOST_ROWS, MOST_COLUMNS = 200, 100
"""Of a table that is shown; the proof is about all rows of the result."""
PAPER_ROWS, PAPER_COLUMNS = 40, 12
"""Of a table that is printed: report.css hides the others there."""

_HERE = Path(__file__).parent
_EMPTY = ""
"""Plotly puts in one empty style and fills it by rules, which a policy does not ask about."""


@dataclass(frozen=True)
class _Column:
    name: str
    number: bool

    @property
    def cell(self) -> Markup:
        return Markup(' class="number"') if self.number else Markup("")


@dataclass(frozen=True)
class _Answer:
    """An exhibit as the page shows it."""

    exhibit: Exhibit
    chart: Chart | None
    columns: tuple[_Column, ...]
    rows: Rows
    caption: str
    on_paper: str
    count: str
    checks: str
    fingerprint: str

    @property
    def figures(self) -> list[tuple[str, str | None]]:
        """The numbers of a result that is nothing but these."""
        result, spec = self.exhibit.result, self.exhibit.spec
        if spec.kind != "metric" or result.table.num_rows != 1:
            return []
        (row,) = result.rows()
        return [(result.columns[one].name, _figure(row[one], self.rows[0][one])) for one in spec.y]


def to_html(title: str, exhibits: Sequence[Exhibit], made: float) -> bytes:
    """The report in UTF-8; `made` is in seconds since 1970. Ten answers take at most `MOST_BYTES`."""
    plotly = _plotly()
    room = max(LEAST_ROOM, (MOST_BYTES - len(plotly.encode()) - 150_000) // max(1, len(exhibits)))
    proof = proof_of(title, exhibits, made)
    answers = [_answer(one, claim, room) for one, claim in zip(exhibits, proof.answers, strict=True)]
    templates = _templates([one.chart.figure for one in answers if one.chart and one.chart.figure])
    css, js = ((_HERE / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    scripts = [plotly, js] if templates else []
    page: str = _template().render(
        title=title,
        made=made,
        answers=answers,
        proof=proof.to_json(),
        opens=Markup(OPENS),  # noqa: S704 - a constant
        closes=Markup(CLOSES),  # noqa: S704 - a constant
        templates=templates,
        css=Markup(css),  # noqa: S704 - our own file
        scripts=[Markup(one) for one in scripts],  # noqa: S704 - our own file, and Plotly's
        unwanted_styles=_unwanted_styles(plotly) if scripts else (),
        policy=_policy(scripts, [css, _EMPTY]),
    )
    return page.encode("utf-8", "replace")


def _answer(exhibit: Exhibit, claim: Claim, room: int) -> _Answer:
    result = exhibit.result
    drawn = chart(exhibit, result.rows(), room * 6 // 10)
    rows = _fitting(cells(result, MOST_ROWS, MOST_COLUMNS), room * 4 // 10)
    return _Answer(
        exhibit,
        drawn,
        tuple(_Column(one.name, is_number(one.type)) for one in result.columns[:MOST_COLUMNS]),
        rows,
        _caption(result, rows),
        _on_paper(result, len(rows)),
        rows_in(result),
        checks(exhibit),
        claim.fingerprint,
    )


def _fitting(rows: Rows, room: int) -> Rows:
    """As many of the first rows as fit into so many bytes, at least one."""
    taken = 0
    for at, row in enumerate(rows):
        taken += 10 + sum(30 + len((cell or "").encode("utf-8", "replace")) for cell in row)
        if at and taken > room:
            return rows[:at]
    return rows


def _caption(result: Result, rows: Rows) -> str:
    whole = len(rows) == result.table.num_rows and not result.truncated
    said = [rows_in(result) if whole else f"First {len(rows):,} of {rows_in(result)}"]
    if len(result.columns) > MOST_COLUMNS:
        said.append(f"first {MOST_COLUMNS} of {len(result.columns):,} columns")
    if cut := cut_in(rows):
        said.append(f"{counted(cut, 'long cell')} cut")
    return "; ".join(said) + "."


def _on_paper(result: Result, rows: int) -> str:
    left = [f"the first {PAPER_ROWS} rows"] if rows > PAPER_ROWS else []
    left += [f"the first {PAPER_COLUMNS} columns"] if len(result.columns) > PAPER_COLUMNS else []
    return f"Printed: {' and '.join(left)}." if left else ""


def _templates(figures: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Plotly's templates in light and dark, taken out of the figures where they are those of the first one."""
    if not figures:
        return {}
    found = {"light": figures[0]["layout"].get("template"), "dark": figures[0]["dark"]["layout"].get("template")}
    for one in figures:
        for layout, template in ((one["layout"], found["light"]), (one["dark"]["layout"], found["dark"])):
            if layout.get("template") == template:
                layout.pop("template", None)
    return found


def _policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Nothing may run or dress the page but these, and nothing may be asked for or sent."""
    parts = {
        "default-src": ["'none'"],
        "script-src": [_hash(one) for one in scripts] or ["'none'"],
        "style-src": [_hash(one) for one in styles],
        "img-src": ["data:", "blob:"],  # a chart that is saved as a picture
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in parts.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _plotly() -> str:
    from plotly.offline import get_plotlyjs  # slow to import, and only a report needs it

    return str(get_plotlyjs())


def _unwanted_styles(plotly: str) -> list[str]:
    """The ids of styles that Plotly puts in unless they are there: those of maps, which we do not draw."""
    return sorted(set(re.findall(r'getElementById\("([0-9a-f]{64})"\)', plotly)))


@cache
def _template() -> Template:
    made = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    made.filters |= {
        "counted": counted,
        "script": _script,
        "figure": _shown_script,
        "time": moment,
        "seconds": _seconds,
    }
    return made.get_template("report.html")


def _figure(value: Json, text: str | None) -> str | None:
    return rounded(value) if isinstance(value, float) else text


def _visible(value: Any) -> Any:
    """Text from outside without what hides or reorders other text."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _script(value: Any) -> Markup:
    """JSON that can stand in a script: no character of it opens or closes anything."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704 - escaped here


def _shown_script(value: Any) -> Markup:
    """The same for what is drawn."""
    return Markup(visible(str(_script(value))))  # noqa: S704 - escaped there


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.1 else f"{seconds * 1000:.0f} ms"
