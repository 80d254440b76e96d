"""What a column of text is read as, and what that does to its cells."""

from __future__ import annotations

from dataclasses import dataclass

from lib.data.table import Note, counted


@dataclass(frozen=True)
class Remark:
    """What happens to so many cells of a column: `words` end the sentence "3 cells of "price" ..."."""

    code: str
    cells: int
    words: str

    def note(self, column: str) -> Note:
        return Note(self.code, f'{counted(self.cells, "cell")} of "{column}" {self.words}')


@dataclass(frozen=True)
class Kind:
    """The type of a column and how its cells get there.

    `value` is the SQL expression that turns the trimmed text `v` into the type, empty where a cast does. `marks` is
    the number of cells with a mark for "missing", `filled` says whether the column has any value at all. `sure` is
    False for a type that only the first rows suggest, `trimmed` for cells that can be cast as they stand. `order` is
    that of `Column`.
    """

    type: str
    value: str = ""
    marks: int = 0
    remarks: tuple[Remark, ...] = ()
    filled: bool = True
    sure: bool = True
    trimmed: bool = True
    order: str = ""
