"""A result as an Excel workbook: typed cells on one sheet, where they come from on another."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from lib.data.table import counted
from lib.engine.result import Result
from lib.export.cells import BLOCK, blocks, cells
from lib.export.excel_values import ExcelColumn, Value, clean

MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 1_048_576, 16_384, 32_767
"""What a sheet can hold, its header included, and what a cell can."""
_PART = 16_000
"""Characters of a text on the second sheet that are surely no more than a cell holds, whatever their script."""
_NARROWEST, _WIDEST, _LOOKED_AT = 8, 60, 200
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def to_xlsx(result: Result, about: Sequence[tuple[str, str]]) -> bytes:
    """The rows that the result holds, under their column names, and `about` as names with texts on a second sheet.

    What Excel would change is text: columns with numbers of more than 15 digits, what is no finite number, days before
    March 1900, times finer than a millisecond. Texts are never formulas or links. What Excel cannot hold is left out,
    and a note on the first cell and the second sheet say so.
    """
    columns = [ExcelColumn.of(one, result.table.column(at)) for at, one in enumerate(result.columns[:MOST_COLUMNS])]
    notes = [*_limits(result), *_changes(columns)]
    out = io.BytesIO()
    with tempfile.TemporaryDirectory() as scratch, xlsxwriter.Workbook(out, {**_OPTIONS, "tmpdir": scratch}) as book:
        sheet = book.add_worksheet("Result")
        if notes:
            sheet.write_comment(0, 0, "\n".join(notes), {"visible": True, "start_row": 2, "x_scale": 3})
        _write_result(book, sheet, columns, replace(result, table=result.table.slice(0, MOST_ROWS - 1)))
        _write_about(book, [*about, *(("Note", one) for one in notes)])
    return out.getvalue()


def _write_result(book: Workbook, sheet: Worksheet, columns: Sequence[ExcelColumn], result: Result) -> None:
    formats = _Formats(book)
    _write_header(book, sheet, [one.name for one in columns], result.table.num_rows)
    for place, block in enumerate(blocks(result)):
        held = [one.values(block, at) for at, one in enumerate(columns)]
        if place == 0:
            _set_widths(sheet, columns, held)
        for row, values in enumerate(zip(*held, strict=True), 1 + place * BLOCK):
            for at, value in enumerate(values):
                _write(sheet, row, at, value, formats.of(columns[at].format_of(value)))


def _write(sheet: Worksheet, row: int, at: int, value: Value, how: Format | None) -> None:
    if isinstance(value, str):
        sheet.write_string(row, at, value)
    elif isinstance(value, bool):
        sheet.write_boolean(row, at, value)
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, at, value, how)
    elif value is not None:
        sheet.write_datetime(row, at, value, how)


def _write_header(book: Workbook, sheet: Worksheet, names: Sequence[str], rows: int) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    for at, name in enumerate(names):
        sheet.write_string(0, at, clean(name), bold)
    sheet.freeze_panes(1, 0)
    if names:
        sheet.autofilter(0, 0, rows, len(names) - 1)


def _set_widths(sheet: Worksheet, columns: Sequence[ExcelColumn], held: Sequence[Sequence[Value]]) -> None:
    for at, (one, values) in enumerate(zip(columns, held, strict=True)):
        longest = max((one.length(value) for value in values[:_LOOKED_AT]), default=0)
        sheet.set_column(at, at, min(max(longest, len(one.name) + 3, _NARROWEST), _WIDEST))


def _limits(result: Result) -> list[str]:
    """Sentences about what the sheet does not hold."""
    said = []
    if (more := result.table.num_rows + 1 - MOST_ROWS) > 0:
        said.append(f"An Excel sheet ends at row {MOST_ROWS:,}: the last {counted(more, 'row')} are not here.")
    if (more := len(result.columns) - MOST_COLUMNS) > 0:
        said.append(f"An Excel sheet has {MOST_COLUMNS:,} columns: the last {counted(more, 'column')} are not here.")
    if cut := sum(_too_long(result, at) for at in range(len(result.columns))):
        said.append(f"An Excel cell holds {MOST_CHARACTERS:,} characters: {counted(cut, 'longer text')} cut there.")
    return [f"{one} CSV and Parquet have no such limit." for one in said]


def _too_long(result: Result, at: int) -> int:
    """How many texts of the column are longer than a cell; a character outside the basic plane counts twice."""
    column = result.table.column(at)
    if pa.types.is_string(column.type):
        texts = column.filter(pc.greater(pc.utf8_length(column), MOST_CHARACTERS // 2)).to_pylist()
    elif pa.types.is_nested(column.type):
        texts = cells(result, at)
    else:
        return 0
    return sum(len(one.encode("utf-16-le")) > 2 * MOST_CHARACTERS for one in texts if one)


def _changes(columns: Sequence[ExcelColumn]) -> list[str]:
    said = []
    if long := [one.name for one in columns if one.is_too_long]:
        said.append(f"Text, because Excel keeps 15 digits of a number only: {clean(', '.join(long))}.")
    if zoned := [one.name for one in columns if one.is_zoned]:
        said.append(f"Times in UTC: {clean(', '.join(zoned))}.")
    return said


def _write_about(book: Workbook, about: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet("About")
    bold, wrapped = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 100)
    row = 0
    for name, text in about:
        sheet.write_string(row, 0, clean(name), bold)
        shown = clean(text)
        for start in range(0, max(len(shown), 1), _PART):
            sheet.write_string(row, 1, shown[start : start + _PART], wrapped)
            row += 1


class _Formats:
    """The book's formats, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {}

    def of(self, pattern: str) -> Format | None:
        if pattern and pattern not in self._made:
            self._made[pattern] = self._book.add_format({"num_format": pattern})
        return self._made.get(pattern)
