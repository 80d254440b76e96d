"""The shape of a delimited text: where its table starts, what separates its cells, how its records are read."""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, takewhile

DELIMITERS = ("\t", ";", "|", ",")
RARE_DELIMITERS = ("^", "~", ":")
RAREST_DELIMITERS = ("#", "*", "!", "&", "§", " ")
NO_DELIMITER = "\x1f"
LONGEST_CELL = 8 << 20
SAMPLE_RECORDS = 500
csv.field_size_limit(LONGEST_CELL)

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d+)*|[.,]\d+)([eE][-+]?\d+)?%?")
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T]\d{1,2}:\d{2}.*)?")
_YEAR = re.compile(r"[12]\d{3}")
_HINT = re.compile(r'("?)sep=([^"\w\r\n])\1', re.IGNORECASE)
FIRST_RECORDS = 20
LONGEST_TITLE = 200


@dataclass(frozen=True)
class Record:
    """One record of the file: its cells, or why it cannot be read. An empty line has no cells and no reason."""

    line: int
    cells: list[str]
    reason: str
    lines: list[str]

    @property
    def text(self) -> str:
        return "".join(self.lines).rstrip("\r\n")


def records(lines: Iterable[str], delimiter: str, spaced: bool = False) -> Iterator[Record]:
    """Every record of the text. One that cannot be read costs its own first line only, never those after it."""
    return (one for one in rows_and_records(lines, delimiter, spaced) if isinstance(one, Record))


def rows_and_records(
    lines: Iterable[str], delimiter: str, spaced: bool = False, width: int = 0, body: int = 1
) -> Iterator[str | Record]:
    """As `records`, but a line from `body` on that is a row of `width` cells without quotation marks comes as it is.

    Most lines of most files do, and nothing is faster than not to look into them.
    """
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter, skipinitialspace=spaced, strict=True)
    while True:
        number = source.start_record()
        try:
            line = next(source)
        except StopIteration:
            return
        if '"' not in line and not spaced and len(line) < LONGEST_CELL:
            if number >= body and line.count(delimiter) == width - 1 and len(line) > 2:
                yield line
                continue
            text = line.rstrip("\r\n")
            yield Record(number, text.split(delimiter) if text else [], "", source.taken)
            continue
        source.put_back(line)
        try:
            cells = next(reader)
        except csv.Error as e:
            source.give_back()
            yield Record(number, [], _reason(e), source.taken)
        else:
            yield Record(number, cells, "", source.taken)


class _Lines:
    """Lines with a memory of those of the current record, so that they can be read again."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self._number = 0
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self._number += 1
        self.taken.append(line)
        return line

    def put_back(self, line: str) -> None:
        """Undo the last `next`, which gave this line."""
        self._again.appendleft(line)
        self._number -= 1
        self.taken.pop()

    def start_record(self) -> int:
        self.taken = []
        return self._number + 1

    def give_back(self) -> None:
        rest = self.taken[1:]
        self._again.extendleft(reversed(rest))
        self._number -= len(rest)
        del self.taken[1:]


def _reason(error: csv.Error) -> str:
    said = str(error)
    if "field limit" in said or "field larger" in said:
        return f"a cell is longer than {LONGEST_CELL >> 20} MB"
    if "unexpected end" in said:
        return "a quotation mark is opened and never closed"
    return "there is text after a closing quotation mark"


@dataclass(frozen=True)
class Shape:
    """`width` is the number of cells of most rows. `body` is the number of the line where the rows start.

    `tidy` says that the text can be read without looking again: every record of the sample has `width` cells, and
    header and rows take one line each as far as the header goes.
    """

    delimiter: str
    spaced: bool
    hint: bool
    preamble: tuple[str, ...]
    header: tuple[str, ...] | None
    width: int
    body: int
    tidy: bool


def shape(lines: Sequence[str], complete: bool) -> Shape:
    """The shape of a text by its first lines. `complete` says that these are all of it."""
    hint = _HINT.fullmatch(lines[0].strip(" \r\n"))
    skip = 1 if hint else 0
    delimiter, spaced = (hint[2], False) if hint else _delimiter(lines)
    found = _sample(lines[skip:], delimiter, spaced)
    if not complete and len(found) > 1:
        found = found[:-1]  # the sample may end in the middle of a record
    width = _usual_width(found)
    if width == 1 and delimiter != NO_DELIMITER and found:
        width = len(found[0].cells)
    start = _table_start(found, width)
    rows = found[start:]
    header = rows[0] if rows and _is_header(rows) else None
    body_records = rows[1:] if header else rows
    body = (header.line + len(header.lines) if header else rows[0].line if rows else 1) + skip
    simple = not hint and width > 1 and all(len(one.cells) == width and not one.reason for one in rows)
    return Shape(
        delimiter=delimiter,
        spaced=spaced,
        hint=bool(hint),
        preamble=tuple(one.text for one in found[:start]),
        header=tuple(header.cells) if header else None,
        width=max(width, 1) if body_records or not header else len(header.cells),
        body=body,
        tidy=simple and not spaced and (header is None or len(header.lines) == 1) and body == start + 1 + bool(header),
    )


def _sample(lines: Sequence[str], delimiter: str, spaced: bool) -> list[Record]:
    filled = (one for one in records(lines, delimiter, spaced) if one.reason or any(c.strip() for c in one.cells))
    return list(islice(filled, SAMPLE_RECORDS))


def _delimiter(lines: Sequence[str]) -> tuple[str, bool]:
    """The candidate that cuts most records into the same number of cells, and whether spaces follow it.

    When most records have no delimiter, one in the first record still counts: a header is never one long name.
    """
    best, best_score, best_spaced = NO_DELIMITER, (0.0, 0), False
    for candidate in DELIMITERS:
        spaced = _quotes_after_space(lines, candidate)
        found = _sample(lines, candidate, spaced)
        width = _usual_width(found) if found else 1
        if width > 1 and _is_prose(found):
            continue
        alike = sum(len(one.cells) == width for one in found) / len(found) if width > 1 else 0.0
        score = (round(alike, 2), max(width, len(found[0].cells)) if found else 0)
        if score[1] < 2:
            continue
        if score > best_score:
            best, best_score, best_spaced = candidate, score, spaced
    if best == NO_DELIMITER:
        rare = (one for one in RARE_DELIMITERS if _cuts_all(lines, one))
        rarest = (one for one in RAREST_DELIMITERS if _cuts_all(lines, one) and _has_numbers(lines, one))
        best = next(chain(rare, rarest), NO_DELIMITER)
    return best, best_spaced


def _cuts_all(lines: Sequence[str], delimiter: str) -> bool:
    """Whether it cuts every record like the names in the first one. Colons must make three cells: times have them."""
    found = _sample(lines, delimiter, False)
    if len(found) > 2:
        found = found[:-1]  # the sample may end in the middle of a record
    names = [one.strip() for one in found[0].cells] if found else []
    return (
        len(names) > (2 if delimiter == ":" else 1)
        and all(names)
        and all(_kind(one) == "text" for one in names)
        and all(len(one.cells) == len(names) for one in found)
    )


def _has_numbers(lines: Sequence[str], delimiter: str) -> bool:
    """Whether all of a column below its name is numbers, in rows that do not only count things ("Room 1", "Room 2")."""
    rows = [[cell.strip() for cell in one.cells] for one in _sample(lines, delimiter, False)[1:]]
    columns = list(zip(*rows, strict=False))
    numeric = [all(_kind(one) == "number" for one in column) for column in columns]
    labels = [column for column, number in zip(columns, numeric, strict=True) if not number]
    counting = len(columns) == 2 and any(len(set(column)) == 1 for column in labels)
    alike = len({len(one) for one in rows}) == 1
    return len(rows) > 1 and alike and any(numeric) and not counting


def _quotes_after_space(lines: Sequence[str], delimiter: str) -> bool:
    """Whether cells are quoted after a space; within a quoted sentence the same characters mean nothing."""
    if not any(f'{delimiter} "' in line for line in islice(lines, SAMPLE_RECORDS)):
        return False
    return any(cell.startswith(' "') for one in _sample(lines, delimiter, False) for cell in one.cells)


def _is_prose(found: Sequence[Record]) -> bool:
    """Commas of sentences: the first line has none, a space and a word follow each of the others."""
    after = [cell for one in found for cell in one.cells[1:]]
    return len(found[0].cells) < 2 and all(one.startswith(" ") and _kind(one.strip()) == "text" for one in after)


def _usual_width(found: Sequence[Record]) -> int:
    counts = Counter(len(one.cells) for one in found if not one.reason)
    if not counts:
        return 1
    most = max(counts.values())
    return max(width for width, count in counts.items() if count == most)


def _table_start(found: Sequence[Record], width: int) -> int:
    """How many records stand above the header: titles are much narrower than the table, or fill its first cells.

    Those that fill more than one cell are titles only above a record that fills every cell with text.
    """
    if width == 1:
        return 0
    first = found[:FIRST_RECORDS]
    narrow = _count_while(first, lambda one: _is_title(one, width, 1))
    padded = _count_while(first, lambda one: _is_title(one, width, width // 2))
    if padded == narrow or padded == len(first) or not _is_full(first[padded], width):
        padded = narrow
    return padded if padded < len(first) else 0


def _count_while(found: Sequence[Record], condition: Callable[[Record], bool]) -> int:
    return sum(1 for _ in takewhile(condition, found))


def _is_title(one: Record, width: int, most: int) -> bool:
    """Whether at most so many cells, the first of them text, stand in a record of the table's width."""
    if one.reason or len(one.cells) * 2 <= width:
        return True
    cells = [cell.strip() for cell in one.cells]
    filled = sum(map(bool, cells))
    return width > 2 and filled <= most and all(cells[:filled]) and _kind(cells[0]) == "text"


def _is_full(one: Record, width: int) -> bool:
    cells = [cell.strip() for cell in one.cells]
    return len(cells) == width and all(cell and _kind(cell) == "text" for cell in cells)


def in_a_row(lines: Sequence[str]) -> str:
    """Lines above a header for one sentence, each up to a length."""
    return "; ".join(one if len(one) <= LONGEST_TITLE else one[:LONGEST_TITLE] + "…" for one in lines)


def _is_header(rows: Sequence[Record]) -> bool:
    """Whether the first record names the columns: names stand above values, values above values like them."""
    first = [cell.strip() for cell in rows[0].cells]
    if not first or _counts_up(first):
        return True
    below = [[cell.strip() for cell in one.cells] for one in rows[1:100] if len(one.cells) == len(first)]
    like_values = False
    for position, cell in enumerate(first):
        column = [cells[position] for cells in below if cells[position]]
        kind = _kind(cell)
        typed = bool(column) and sum(_kind(one) != "text" for one in column) * 10 >= len(column) * 9
        if typed and cell and kind == "text":
            return True
        if kind == "date" and column and sum(_kind(one) == "number" for one in column) * 10 >= len(column) * 9:
            return True
        like_values |= kind != "text" and not _YEAR.fullmatch(cell) and (typed or not column)
    return not like_values


def _counts_up(cells: Sequence[str]) -> bool:
    """Headers such as 0, 1, 2 (with or without a nameless first one), as programs write them."""
    numbers = [cell for cell in cells if cell]
    return len(numbers) > 1 and numbers in (
        [str(n) for n in range(len(numbers))],
        [str(n) for n in range(1, len(numbers) + 1)],
    )


def _kind(cell: str) -> str:
    if _DATE.fullmatch(cell):  # before numbers, because 31.12.2024 looks like one
        return "date"
    return "number" if _NUMBER.fullmatch(cell) else "text"
