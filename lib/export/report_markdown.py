"""A report as Markdown: for a wiki, a ticket or a repository. All text from outside is literal in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lib.board.exhibit import Exhibit, TableMark
from lib.data.table import counted
from lib.export.cell_text import cells, cut_in
from lib.export.words import checks, moment, rows_in, visible

MOST_ROWS, MOST_COLUMNS = 50, 30
_ACTS = re.compile(r"[\\`*_{}\[\]<>#|~$&@]|(?<=:)/(?=/)|(?<=www)\.|^\s*[-+=]|(?<=\d)[.)](?=\s)", re.IGNORECASE)
_FENCE = re.compile("`+")


def to_markdown(title: str, exhibits: Sequence[Exhibit], made: float) -> bytes:
    """The report in UTF-8; `made` is in seconds since 1970."""
    lines = [f"# {_plain(title)}", "", f"{counted(len(exhibits), 'answer')}, written {moment(made)}.", ""]
    for one in exhibits:
        lines += [*_answer(one), ""]
    return "\n".join(lines).encode("utf-8", "replace")


def _answer(one: Exhibit) -> Iterator[str]:
    yield f"## {_plain(one.heading)}"
    yield ""
    asked = one.question if one.question != one.heading else ""
    understood = one.standalone if one.standalone not in (one.question, one.heading) else ""
    for label, text in (("Asked", asked), ("Understood as", understood), ("Note", one.note)):
        if text:
            yield f"{label}: {_plain(text)}"
            yield ""
    yield from _table(one)
    yield ""
    yield from _sql(one.sql)
    yield ""
    for said in one.assumptions:
        yield f"- Assumption: {_plain(said)}"
    for found in one.findings or ():
        yield f"- {found.severity.capitalize()}: {_plain(found.message)}"
    yield f"- Checks: {checks(one)}"
    yield f"- Rows: {rows_in(one.result)}"
    yield f"- Written by: {_plain(one.model) or 'a person'}"
    yield f"- Run by: {_plain(one.engine) or 'an unknown engine'}"
    yield f"- Data read: {moment(one.read)}"
    for mark in one.tables:
        yield f"- {_table_line(mark)}"


def _table(one: Exhibit) -> Iterator[str]:
    shown = cells(one.result, MOST_ROWS, MOST_COLUMNS)
    yield _row([column.name for column in one.result.columns[:MOST_COLUMNS]])
    yield _row(["---"] * min(len(one.result.columns), MOST_COLUMNS), literal=False)
    for row in shown:
        yield _row(["" if cell is None else cell for cell in row])
    said = []
    if one.result.truncated or len(shown) < one.result.table.num_rows:
        said.append(f"First {len(shown):,} of {rows_in(one.result)}.")
    if len(one.result.columns) > MOST_COLUMNS:
        said.append(f"First {MOST_COLUMNS} of {len(one.result.columns):,} columns.")
    if cut := cut_in(shown):
        said.append(f"{counted(cut, 'long cell')} cut.")
    if said:
        yield ""
        yield " ".join(said)


def _row(texts: Sequence[str], *, literal: bool = True) -> str:
    return f"| {' | '.join(map(_plain, texts) if literal else texts)} |"


def _sql(sql: str) -> Iterator[str]:
    """A fence longer than any run of its marks in the SQL."""
    fence = "`" * max(3, *(len(found) + 1 for found in _FENCE.findall(sql)), 3)
    yield f"{fence}sql"
    yield visible(sql)
    yield fence


def _table_line(mark: TableMark) -> str:
    size = f"{counted(mark.rows, 'row')}, {counted(mark.columns, 'column')}"
    print_ = f"fingerprint {_plain(mark.fingerprint)}" if mark.fingerprint else "no fingerprint: too large"
    return f"Table {_plain(mark.name)}: {_plain(mark.file)}, {size}, {print_}"


def _plain(text: str) -> str:
    """The text on one line, with a backslash before whatever could act."""
    return _ACTS.sub(lambda found: found[0][:-1] + "\\" + found[0][-1], " ".join(visible(text).split()))
