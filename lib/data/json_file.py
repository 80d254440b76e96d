"""One file of JSON: a list of records in any of its usual shapes, or a record a line."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from lib.data.cells import Cells, objection
from lib.data.encoding import Text, examine
from lib.data.json_text import LONGEST_VALUE, Cursor, Malformed, Number, Parser, written
from lib.data.staged import Staged
from lib.data.table import Note, Rejected, counted
from lib.data.watch import Watch
from lib.errors import DataError

MOST_COLUMNS = 20_000
LONGEST_TEXT = 2000
LARGEST_COLUMNS_MB = 256
FIRST_LINES = 20
LINE_ENDINGS = (".jsonl", ".ndjson")
TELL_EVERY = 5000
_ONE = {"object": "an object", "list": "a list", "value": "a single value"}
_MANY = {"object": "objects", "list": "lists", "value": "single values"}
_SPACES = " \t\r\n"
_VALUE = re.compile(r"[-+]?[\d.,]+%?|\d{1,4}([-/.])\d{1,2}\1\d{1,4}.*", re.DOTALL)


def read_json(path: Path, file: str, encoding: str, scratch: Path, watch: Watch) -> Staged:
    """The rows of the file; `encoding` is the one that a person chose, or empty. Raises DataError."""
    watch.phase(0.1)
    text = examine(path, file, watch.at, encoding=encoding)
    watch.phase(0.5)
    by_line = _is_a_record_a_line(path, file, text)
    with _opened(path, text) as (stream, share), Cells.writing(scratch / "rows.csv") as cells:
        rows = _Rows(file, cells, lambda: watch.at(share()))
        if by_line:
            _read_lines(stream, file, rows)
        else:
            _read_document(stream, file, rows, text.size)
    rows.check()
    return Staged(
        cells.relation(),
        rows.headers(),
        cells.count,
        tuple(rows.rejected),
        (*text.notes, *rows.notes()),
        encoding=text.encoding,
    )


@contextmanager
def _opened(path: Path, text: Text) -> Iterator[tuple[TextIO, Callable[[], float]]]:
    with path.open("rb") as stream, io.TextIOWrapper(stream, text.codec, text.errors, newline="") as lines:
        yield lines, lambda: stream.tell() / text.size


def _is_a_record_a_line(path: Path, file: str, text: Text) -> bool:
    """Whether the first line is a record, or half of the first lines are: one of them in a file named after lines."""
    parser, good = Parser(), []
    with _opened(path, text) as (stream, _):
        for line in _first_lines(stream):
            try:
                good.append(isinstance(parser.whole(line), (dict, list)))
            except Malformed:
                good.append(False)
    few = 1 if file.lower().endswith(LINE_ENDINGS) else 2
    return len(good) > 1 and (good[0] or (sum(good) >= few and sum(good) * 2 >= len(good)))


def _first_lines(stream: TextIO) -> Iterator[str]:
    found = 0
    while found < FIRST_LINES and (line := stream.readline(LONGEST_VALUE)):
        if line.strip(_SPACES):
            found += 1
            yield line


class _Rows:
    """Values on their way to rows. The first one decides whether they are objects, lists or single values."""

    def __init__(self, file: str, cells: Cells, tell: Callable[[], None]) -> None:
        self._file, self._cells, self._tell = file, cells, tell
        self._kind = ""
        self._names: dict[str, int] = {}
        self._header: list[str] | None = None
        self._width = self._short = 0
        self._nested: dict[int, None] = {}
        self._said: list[Note] = []
        self.rejected: list[Rejected] = []

    def say(self, code: str, message: str) -> None:
        self._said.append(Note(code, message))

    def name_columns(self, names: Sequence[str]) -> None:
        """Give the names of the columns of lists, which then have no header among them."""
        self._header = list(names)

    def add(self, line: int, value: Any, text: str, repeated: str | None) -> None:
        """Take one value of the file as a row, or reject it."""
        kind = "object" if isinstance(value, dict) else "list" if isinstance(value, list) else "value"
        self._kind = self._kind or kind
        if kind == "list" and self._is_header(value):
            self._header = [str(one) for one in value]
            return None
        if (self._cells.count + len(self.rejected)) % TELL_EVERY == 0:
            self._tell()
        if kind != self._kind:
            return self.reject(line, f"{_ONE[kind]} where the others are {_MANY[self._kind]}", text)
        if repeated is not None:
            return self.reject(line, f'the name "{repeated[:80]}" appears twice', text)
        try:
            row = self._row(value)
        except RecursionError:
            return self.reject(line, "it is nested too deeply", text)
        if reason := objection(row):
            return self.reject(line, reason, text)
        self._cells.write(row)
        return None

    def _is_header(self, value: list[Any]) -> bool:
        """Whether the first of the lists names the columns."""
        if self._cells.count or self.rejected or self._header is not None:
            return False
        names = [one for one in value if isinstance(one, str) and not isinstance(one, Number)]
        return 0 < len(set(names)) == len(value) and not any(map(_VALUE.fullmatch, names))

    def _row(self, value: Any) -> list[str | None]:
        if isinstance(value, list):
            self._short += bool(self._width) and len(value) < self._width
            self._widen(len(value))
            return [self._cell(number, one) for number, one in enumerate(value)]
        if not isinstance(value, dict):
            self._widen(1)
            return [self._cell(0, value)]
        for name in value:
            if name not in self._names:
                self._names[name] = len(self._names)
        self._widen(len(self._names))
        return [self._cell(number, value.get(name)) for name, number in self._names.items()]

    def _widen(self, width: int) -> None:
        self._width = max(self._width, width)
        if self._width > MOST_COLUMNS:
            raise DataError(f"{self._file} has more than {MOST_COLUMNS:,} columns, which cannot be read.")

    def _cell(self, number: int, value: Any) -> str | None:
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        self._nested[number] = None
        return written(value)

    def reject(self, line: int, reason: str, text: str) -> None:
        """List a value that is no row."""
        text = text.strip(_SPACES).encode("utf-8", "replace").decode()
        shown = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
        self.rejected.append(Rejected(line, reason, shown))

    def check(self) -> None:
        """Raise DataError if hardly anything became a row."""
        if len(self.rejected) > max(20, self._cells.count):
            first = self.rejected[0]
            raise DataError(
                f"Most records of {self._file} cannot be read; the first is on line {first.line}: {first.reason}."
            )
        if not self._cells.count and not self._width and not self._header:
            if self.rejected:
                first = self.rejected[0]
                raise DataError(f"{self._file} cannot be read: line {first.line}: {first.reason}.")
            raise DataError(f"{self._file} holds no records.")

    def headers(self) -> tuple[str, ...]:
        if self._kind == "value":
            return ("value",)
        names = list(self._names) if self._kind == "object" else list(self._header or ())
        return tuple(names + [""] * (self._width - len(names)))

    def notes(self) -> tuple[Note, ...]:
        said = list(self._said)
        if self._kind == "list" and self._header is None:
            said.append(Note("header", "The first list holds values, not names; the columns are numbered."))
        if self._short:
            said.append(Note("short_rows", f"{counted(self._short, 'row')} without the last cells; read as missing."))
        if self._nested:
            headers = self.headers()
            names = ", ".join(f'"{headers[number] or number + 1}"' for number in list(self._nested)[:20])
            said.append(Note("nested", f"Objects and lists within cells are kept as JSON text: {names}."))
        return tuple(said)


def _read_lines(stream: TextIO, file: str, rows: _Rows) -> None:
    parser, number, empty = Parser(), 0, 0
    while line := stream.readline(LONGEST_VALUE):
        number += 1
        if len(line) == LONGEST_VALUE:
            raise DataError(f"Line {number:,} of {file} is longer than {LONGEST_VALUE >> 20} MB.")
        if not line.strip(_SPACES):
            empty += 1
            continue
        try:
            value = parser.whole(line)
        except Malformed as e:
            rows.reject(number, f"no valid JSON at character {e.column}: {_lower(e.reason)}", line)
        else:
            rows.add(number, value, line, parser.repeated)
    if empty:
        rows.say("empty_lines", f"{counted(empty, 'empty line')} left out.")


def _lower(reason: str) -> str:
    return reason[:1].lower() + reason[1:]


def _read_document(stream: TextIO, file: str, rows: _Rows, size: int) -> None:
    parser = Parser()
    cursor = Cursor(stream, parser)
    try:
        if cursor.next() == "[":
            _add_elements(cursor, parser, rows)
        elif cursor.next() == "{":
            _Wrapper(cursor, parser, rows, file, size).read()
        else:
            value, text = cursor.value()
            rows.add(1, value, text, None)
        if cursor.next():
            raise DataError(f"{file} is not valid JSON: line {cursor.line:,} follows the end of the list or object.")
    except Malformed as e:
        raise DataError(
            f"{file} is not valid JSON: line {e.line:,}, character {e.column:,}: {_lower(e.reason)}.",
            "Export the file again.",
        ) from e


def _add_elements(cursor: Cursor, parser: Parser, rows: _Rows) -> None:
    for _ in cursor.elements():
        line = cursor.line
        value, text = cursor.value()
        rows.add(line, value, text, parser.repeated)


class _Wrapper:
    """A document that is one object: around a list of records, of columns, or a single record."""

    def __init__(self, cursor: Cursor, parser: Parser, rows: _Rows, file: str, size: int) -> None:
        self._cursor, self._parser, self._rows = cursor, parser, rows
        self._file, self._size = file, size
        self._members: dict[str, Any] = {}
        self._records = ""

    def read(self) -> None:
        """Add the rows that it holds. Raises DataError, Malformed."""
        for name in self._cursor.members():
            if name in self._members or name == self._records:
                raise DataError(f'{self._file} is not clear: the name "{name[:80]}" appears twice in it.')
            if self._cursor.next() != "[":
                self._members[name] = self._value(name)
            else:
                self._read_list(name)
        if self._records:
            self._say_what_is_left()
        elif self._members and all(isinstance(one, list) for one in self._members.values()):
            self._add_columns({name: dict(enumerate(one)) for name, one in self._members.items()})
        elif self._members and all(_is_numbered(one) for one in self._members.values()):
            self._add_columns(self._members)
        else:
            self._rows.add(1, self._members, written(self._members), None)

    def _value(self, name: str) -> Any:
        value, _ = self._cursor.value()
        if self._parser.repeated is not None:
            raise DataError(
                f'{self._file} is not clear: "{self._parser.repeated[:80]}" appears twice in "{name[:80]}".'
            )
        return value

    def _read_list(self, name: str) -> None:
        found: list[Any] = []
        for _ in self._cursor.elements():
            if not found and self._cursor.next() in "{[" and self._records != name:
                self._begin_records(name)
            line = self._cursor.line
            value, text = self._cursor.value()
            if self._records == name:
                self._rows.add(line, value, text, self._parser.repeated)
            else:
                found.append(value)
                self._check_size(len(found))
        if self._records != name:
            self._members[name] = found

    def _begin_records(self, name: str) -> None:
        if self._records:
            raise DataError(
                f'{self._file} holds several lists of records: "{self._records}" and "{name}".',
                "Save each of them as a file of its own.",
            )
        self._records = name
        names = self._members.get("columns")
        if isinstance(names, list) and all(isinstance(one, str) for one in names) and self._cursor.next() == "[":
            self._rows.name_columns(names)

    def _check_size(self, length: int) -> None:
        if length > MOST_COLUMNS and self._size > LARGEST_COLUMNS_MB << 20:
            raise DataError(
                f"{self._file} holds columns instead of records; so it can be read up to {LARGEST_COLUMNS_MB} MB.",
                "Save it as JSON lines or Parquet.",
            )

    def _say_what_is_left(self) -> None:
        left = ", ".join(f'"{name[:40]}"' for name in list(self._members)[:20])
        more = f"; beside it the file has {left}" if left else ""
        self._rows.say("wrapped", f'The rows are the list "{self._records[:80]}" of the file{more}.')

    def _add_columns(self, columns: dict[str, Any]) -> None:
        lengths = {len(one) for one in columns.values()}
        if len(lengths) > 1 and all(isinstance(one, list) for one in self._members.values()):
            raise DataError(f"The lists in {self._file} have different lengths, so they are no columns of one table.")
        for index in dict.fromkeys(index for one in columns.values() for index in one):
            row = {name: one.get(index) for name, one in columns.items()}
            self._rows.add(1, row, "", None)


def _is_numbered(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(name.isdecimal() for name in value)
