"""What the bridge can have changed, each with the sentence that a reader of the SQL is told."""

from __future__ import annotations

from lib.data.table import Note

MESSAGES = {
    "double_quotes": "Double quotes around something that is no column: read as a text, as SQLite does.",
    "qualified_name": "A name that is both a column and an alias: the column is meant, as in SQLite.",
    "rowid": "Rows are numbered from 1, as in SQLite.",
    "bare_column": "A column beside an aggregate without being grouped: the value of one row of the group is taken.",
    "bare_column_of_extreme": "A column beside MIN or MAX: the value of the row that holds the extreme is taken.",
    "count_distinct": "COUNT(DISTINCT) over several columns counts their combinations.",
    "value_as_text": "A number or a date is used as text: it is printed first.",
    "printed_number": "A number beside || is printed as SQLite prints it.",
    "text_as_number": "Text is used as a number: the digits at its start count, 0 when there are none.",
    "condition_as_number": "A condition counts as 1 when it holds and as 0 when it does not.",
    "truth": "A value is used as a condition: it holds unless it is 0.",
    "like_case": "LIKE does not tell capital from small letters, as in SQLite.",
    "regexp": "REGEXP is a search for a regular expression.",
    "integer_division": "A whole number divided by a whole number gives a whole number, as in SQLite.",
    "division_by_zero": "Division by zero gives no value, as in SQLite.",
    "wide_product": "A product of large numbers is computed in 64 bits.",
    "remainder": "The remainder is that of whole numbers, as in SQLite.",
    "cast": "CAST follows SQLite: digits at the start of a text, fractions cut off, REAL with double precision.",
    "mixed_comparison": "Values of different types are compared as numbers, or as texts when one is none.",
    "null_order": "Missing values come first in ascending order, as in SQLite.",
    "first_row": "A subquery used as a value gives its first row when it has several.",
    "no_limit": "A negative LIMIT is no limit.",
    "min_max": "MIN or MAX of several values is the least or greatest of them in each row.",
    "function": "A function of SQLite is written with the engine's own.",
    "date_function": "A date function of SQLite is written with the engine's own.",
    "utc": "The current date and time, and local times, are those of UTC.",
    "mixed_results": "Values of different types in one column are printed as text.",
    "set_order": "UNION, EXCEPT and INTERSECT are applied from the left, as in SQLite.",
    "join_condition": "A join's condition names a table that is joined later: it is applied there.",
    "syntax": "Some of SQLite's spelling is written as the engine reads it.",
}


class Notes:
    """Collects each code once, in the order in which the rewrites happened."""

    def __init__(self) -> None:
        self._codes: dict[str, None] = {}

    def add(self, code: str) -> None:
        self._codes[code] = None

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self._codes)

    def all(self) -> tuple[Note, ...]:
        return tuple(Note(code, MESSAGES[code]) for code in self._codes)
