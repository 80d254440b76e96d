"""The tables in a model's answer, as data: what the Data page can take as a file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.token import Token

from lib.data.names import distinct, one_line

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LONGEST_CAPTION = 80
"""Characters of a line before a table that is its name; a longer one is a sentence about something else."""
_ENDS_WITH_MARK = re.compile(r"(?<!\\)\|\s*$")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class TextTable:
    """Plain text cells. Every row is as long as the header; a column that only rows have has an empty header."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def csv(self) -> bytes:
        """The table as a CSV file in UTF-8, its header first."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerows([self.header, *self.rows])
        return out.getvalue().encode("utf-8", "replace")


def tables(markdown: str) -> tuple[TextTable, ...]:
    """The tables in the order in which they stand, no two with the same name."""
    lines = markdown.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found: list[TextTable] = []
    heading = caption = ""
    tokens = _PARSER.parse("\n".join(lines))
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            heading, caption = _text(tokens[at + 1]), ""
        elif token.type == "paragraph_open":
            caption = _text(tokens[at + 1]).split("\n")[-1]
        elif token.type == "table_open" and token.map:
            short = caption if len(caption) <= LONGEST_CAPTION else ""
            end = next(n for n in range(at, len(tokens)) if tokens[n].type == "table_close")
            rows, whole = _rows(tokens[at:end]), _rows_in_full(lines[slice(*token.map)])
            found.append(_table(_name(short or heading), whole if len(whole) == len(rows) else rows))
            caption = ""
    names = distinct([one.name for one in found])
    return tuple(replace(one, name=name) for one, name in zip(found, names, strict=True))


def _table(name: str, rows: Sequence[Sequence[str]]) -> TextTable:
    header, *rest = (tuple(row) for row in rows)
    return TextTable(name, header, tuple(rest))


def _rows_in_full(lines: Sequence[str]) -> list[list[str]]:
    """Markdown drops the cells of a row that reach beyond the header; with enough empty headers it drops none.

    Other rows, or none, where the lines are no table without those around them or would be too large a one.
    """
    header, rule, *rest = dedent("\n".join(lines)).split("\n")
    more = max((line.count("|") for line in rest), default=0)
    wide = [_closed(header) + " |" * more, _closed(rule) + "---|" * more, *rest]
    rows = _rows(_PARSER.parse("\n".join(wide)))
    if not rows:
        return []
    width = max(len(rows[0]) - more, *map(_filled, rows))
    return [row[:width] for row in rows]


def _closed(line: str) -> str:
    return line.rstrip() if _ENDS_WITH_MARK.search(line) else f"{line.rstrip()} |"


def _rows(tokens: Sequence[Token]) -> list[list[str]]:
    rows: list[list[str]] = []
    for at, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            rows[-1].append(" ".join(_text(tokens[at + 1]).split()))
    return rows


def _filled(row: Sequence[str]) -> int:
    """How many cells it has up to the last one with anything in it."""
    return max((at for at, cell in enumerate(row, 1) if cell), default=0)


def _text(inline: Token) -> str:
    """What a reader sees of a line: without marks, with the text of links and of what stands in for images."""
    parts = []
    for one in inline.children or ():
        if one.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif one.type == "html_inline":
            parts.append(_TAG.sub(" ", one.content))
        else:
            parts.append(one.content)
    return "".join(parts).strip()


def _name(said: str) -> str:
    """A name that is no path and ends without a colon."""
    return one_line(re.sub(r"[/\\]", " ", said)).rstrip(" :.：") or "table"
