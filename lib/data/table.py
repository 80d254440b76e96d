"""What is known about a loaded table: its columns, its rows, and everything that was done to get them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Note:
    """One automatic repair or decision that the reader of the table should know."""

    code: str
    message: str


@dataclass(frozen=True)
class Rejected:
    """A row of the file that is not in the table. `line` is where it starts, the file's first line being 1."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class Column:
    """`type` is DuckDB's name of it, `label` the header as the file has it, `examples` a few distinct values.

    `order` is "day_first" or "month_first" when every date of the column could be read either way: it says which
    way was taken.
    """

    name: str
    type: str
    label: str
    examples: tuple[str, ...] = ()
    order: str = ""


@dataclass(frozen=True)
class Origin:
    """Where a table was read from, so that it can be read again.

    `path` is absolute, or relative to the workspace's folder for a file that is kept there. `member` is the sheet
    of a workbook or the file of an archive, `encoding` the one that a person chose; both may be empty. `size` is in
    bytes.
    """

    path: str
    member: str = ""
    encoding: str = ""
    size: int = 0


@dataclass(frozen=True)
class Join:
    """Two columns, and whether a person said that tables join there: `confirmed` means yes, or else no."""

    left_table: str
    left_column: str
    right_table: str
    right_column: str
    confirmed: bool = False

    @property
    def ends(self) -> frozenset[tuple[str, str]]:
        """Both ends without their order: two joins with the same ends are one."""
        return frozenset({(self.left_table, self.left_column), (self.right_table, self.right_column)})


@dataclass(frozen=True)
class Table:
    """One loaded file. `rows_in_file` is always `rows` plus the number of `rejected`.

    `encoding` is the one that its text was read in, empty if it is no text. `twin` is the table that an earlier file
    of the same name became, until a person has said what this one is to be: its replacement, more rows, or another.
    """

    name: str
    file: str
    columns: tuple[Column, ...]
    rows: int
    rows_in_file: int
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[Note, ...] = ()
    origin: Origin | None = None
    encoding: str = ""
    twin: str = ""

    def report(self) -> dict[str, Any]:
        """The load report as the command line prints it."""
        return {
            "file": self.file,
            "table": self.name,
            "columns": [{"name": one.name, "type": one.type, "original_name": one.label} for one in self.columns],
            "rows_in_file": self.rows_in_file,
            "rows_loaded": self.rows,
            "rejected": [asdict(one) for one in self.rejected],
            "notes": [asdict(one) for one in self.notes],
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Table:
        """The inverse of `dataclasses.asdict`, for a table that came from another process."""
        return cls(
            **{
                **given,
                "columns": tuple(Column(**{**one, "examples": tuple(one["examples"])}) for one in given["columns"]),
                "rejected": tuple(Rejected(**one) for one in given["rejected"]),
                "notes": tuple(Note(**one) for one in given["notes"]),
                "origin": Origin(**given["origin"]) if given["origin"] else None,
            }
        )


class SharedTable(Table):
    """A table that does not lie in the workspace: the engine reads it itself, for everyone."""


def counted(number: int, noun: str) -> str:
    """The number with its noun, as a sentence needs it: "1 row", "2,000 rows"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
