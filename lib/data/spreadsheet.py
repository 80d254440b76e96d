"""One workbook of Excel or OpenDocument: every sheet with a table in it."""

from __future__ import annotations

import csv
import datetime
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from lib.data.cells import Cells, objection
from lib.data.delimited import in_a_row, shape
from lib.data.staged import Staged
from lib.data.table import Note, Rejected, counted
from lib.data.unpack import Bound
from lib.data.watch import Watch
from lib.data.workbook_file import Findings, inspect
from lib.errors import DataError

FIRST_ROWS = 200
MOST_TITLES = 20
LONGEST_TEXT = 2000
TELL_EVERY = 5000
_EXACT = 2**53

Cell = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta
Row = list[str | None]


@dataclass(frozen=True)
class Sheet:
    """A sheet with a table in it."""

    name: str
    rows: Staged


def sheets(path: Path, file: str, folder: Path, bound: Bound, watch: Watch) -> tuple[list[Sheet], tuple[Note, ...]]:
    """The sheets of a workbook, their rows written to `folder`, and what is to be said of the other ones.

    Raises DataError if it cannot be opened or no sheet has a table.
    """
    watch.phase(0.1)
    findings = inspect(path, file, bound)
    watch.phase(0.5)
    try:
        # By its bytes: a path would be judged by its ending.
        with path.open("rb") as stream, load_workbook(stream) as workbook:
            found, empty = _staged(workbook, folder, findings, watch)
    except PasswordError as e:
        raise DataError(f"{file} is protected with a password.", "Save it without one.") from e
    except (CalamineError, OSError, ValueError, OverflowError) as e:
        raise DataError(f"{file} is damaged: it cannot be opened as a workbook.", "Save the workbook again.") from e
    if not found:
        raise DataError(f"{file} has no sheet with a table in it.")
    notes = []
    if empty:
        notes.append(Note("empty_sheets", f"Sheets without a table were left out: {', '.join(empty)}."))
    return found, tuple(notes)


def _staged(
    workbook: CalamineWorkbook, folder: Path, findings: Findings, watch: Watch
) -> tuple[list[Sheet], list[str]]:
    found, empty = [], []
    for number, sheet in enumerate(workbook.sheets_metadata):
        watch.at(number / len(workbook.sheets_metadata))
        rows = None
        if sheet.typ == SheetTypeEnum.WorkSheet:
            notes = [*_origin_notes(sheet), *_error_notes(sheet.name, findings)]
            rows = _rows(workbook.get_sheet_by_name(sheet.name), folder / f"{number}.csv", notes)
        if rows is None:
            empty.append(f'"{sheet.name}"')
        else:
            found.append(Sheet(sheet.name, rows))
    return found, empty


def _origin_notes(sheet: SheetMetadata) -> Iterator[Note]:
    hidden = "" if sheet.visible == SheetVisibleEnum.Visible else ", which is hidden there"
    yield Note("sheet", f'Read from the sheet "{sheet.name}" of the workbook{hidden}.')


def _error_notes(sheet: str, findings: Findings) -> Iterator[Note]:
    count = findings.errors.get(sheet, 0) or findings.errors.get("", 0)
    if count:
        yield Note("errors", f"{counted(count, 'cell')} with an error such as #DIV/0!: read as missing.")
    if formulas := findings.formulas.get(sheet, 0) or findings.formulas.get("", 0):
        holding, are = ("hold formulas", "are") if formulas > 1 else ("holds a formula", "is")
        said = f"{counted(formulas, 'cell')} {holding} without a saved result and {are} missing"
        yield Note("formulas", f"{said}; open the file in Excel and save it.")


def _rows(sheet: CalamineSheet, into: Path, notes: list[Note]) -> Staged | None:
    """The table on a sheet; None if there is none."""
    merged = _Merged(sheet)
    source = ((number, _texts(row)) for number, row in enumerate(sheet.iter_rows()))
    filled = ((number, row) for number, row in source if any(row))
    first = list(islice(filled, FIRST_ROWS))
    if sum(cell is not None for _, row in first for cell in row) < 2:
        return None
    layout = _layout([row for _, row in first])
    notes = [*notes, *layout.notes]
    rejected: list[Rejected] = []
    previous = first[layout.body - 1][0] if layout.body else first[0][0] - 1
    empty = 0
    with Cells.writing(into) as cells:
        for number, row in chain(first[layout.body :], filled):
            empty += number - previous - 1
            previous = number
            merged.fill(number, row)
            if reason := objection(row):
                rejected.append(Rejected(number + 1, reason, "; ".join(cell or "" for cell in row)[:LONGEST_TEXT]))
            else:
                cells.write(row)
    if empty:
        notes.append(Note("empty_lines", f"{counted(empty, 'empty row')} left out."))
    notes += merged.notes()
    return Staged(cells.relation(), layout.headers, cells.count, tuple(rejected), tuple(notes))


def _texts(row: Sequence[Cell]) -> Row:
    return [_text(cell) for cell in row]


def _text(cell: Cell) -> str | None:
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        # Excel has no integers: 5 is stored as 5.0.
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ")
    if isinstance(cell, datetime.timedelta):
        return _duration(cell)
    return str(cell)


def _duration(time: datetime.timedelta) -> str:
    sign, time = ("-", -time) if time < datetime.timedelta() else ("", time)
    minutes, seconds = divmod(time.days * 86_400 + time.seconds, 60)
    fraction = f".{time.microseconds:06}" if time.microseconds else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds:02}{fraction}"


@dataclass(frozen=True)
class _Layout:
    """`body` is the position of the first row of values among those that are not empty."""

    headers: tuple[str, ...]
    body: int
    notes: tuple[Note, ...]


def _layout(rows: Sequence[Row]) -> _Layout:
    titles = _titles(rows)
    found = shape(_as_lines(rows[titles:]), complete=True)
    titles += len(found.preamble)
    header = [cell or "" for cell in rows[titles]] if found.header else []
    notes = []
    if titles:
        above = in_a_row([" ".join(cell for cell in row if cell) for row in rows[:titles]])
        notes.append(Note("preamble", f"{counted(titles, 'row')} above the header left out: {above}"))
    if not found.header:
        notes.append(Note("header", "The first row holds values, not names; the columns are numbered."))
    headers = header + [""] * (len(rows[0]) - len(header))
    return _Layout(tuple(headers), titles + bool(found.header), tuple(notes))


def _titles(rows: Sequence[Row]) -> int:
    """How many of the first rows have one cell, at the left, above a table of several columns."""
    counts = Counter(sum(cell is not None for cell in row) for row in rows)
    if counts.most_common(1)[0][0] < 2:
        return 0
    for number, row in enumerate(rows[:MOST_TITLES]):
        if row[0] is None or any(row[1:]):
            return number
    return 0


def _as_lines(rows: Sequence[Row]) -> list[str]:
    """The rows as delimited text, a line each."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([" ".join((cell or "").split()) for cell in row] for row in rows)
    return stream.getvalue().splitlines(keepends=True)


@dataclass
class _Merged:
    """Cells merged over several rows hold their value in the first one only; it is meant for all of them."""

    sheet: CalamineSheet
    filled: int = 0
    _begin: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    _open: dict[int, tuple[int, str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        left = (self.sheet.start or (0, 0))[1]
        for (top, column), (bottom, _) in self.sheet.merged_cell_ranges or ():
            if bottom > top and column >= left:
                self._begin.setdefault(top, []).append((column - left, bottom))

    def fill(self, number: int, row: Row) -> None:
        """Put the values of open ranges into a row."""
        for column, (bottom, value) in list(self._open.items()):
            if number > bottom:
                del self._open[column]
            elif row[column] is None and value is not None:
                row[column] = value
                self.filled += 1
        for column, bottom in self._begin.get(number, ()):
            if column < len(row):
                self._open[column] = bottom, row[column]

    def notes(self) -> Iterator[Note]:
        if self.filled:
            said = f"{counted(self.filled, 'cell')} of merged ranges: filled with the value of the first cell."
            yield Note("merged", said)
