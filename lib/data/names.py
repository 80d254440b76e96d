"""Names of tables and columns, made from names of files and headers in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from lib.data.table import Note

LONGEST_FILE, LONGEST_TABLE, LONGEST_COLUMN = 120, 60, 200


def file_name(given: str) -> str:
    """The last part of a path of any system, as one line without invisible characters; "file" if nothing is left."""
    last = re.split(r"[/\\]", given.rstrip("/\\"))[-1]
    name = one_line(last)
    if len(name) <= LONGEST_FILE:
        return name or "file"
    ending = PurePosixPath(name).suffix[-10:]
    return name[: LONGEST_FILE - len(ending) - 1] + "…" + ending


def table_name(file: str, taken: Collection[str], reserved: Collection[str]) -> tuple[str, tuple[Note, ...]]:
    """A name that needs no quotes in SQL: letters, digits and underscores, not reserved, not taken."""
    stem = PurePosixPath(file).stem if not file.startswith(".") else file
    plain = re.sub(r"_+", "_", "".join(c if _belongs(c) else "_" for c in _lower(stem))).strip("_")
    wanted = plain[:LONGEST_TABLE] or "data"
    if not wanted[0].isalpha():
        wanted = f"t_{wanted}"
    name = f"{wanted}_table" if wanted in reserved else wanted
    notes = () if name == wanted else (Note("table_name", f'"{wanted}" is a word of SQL; the table is {name}.'),)
    free = free_name(name, {one.casefold() for one in taken})
    if free == name:
        return name, notes
    return free, (*notes, Note("table_name", f"There already is a table {name}; this one is {free}."))


def column_names(headers: Sequence[str]) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """The headers as one line each, none empty, no two equal but for upper and lower case."""
    names: list[str] = []
    notes: list[Note] = []
    taken: set[str] = set()
    given = {one_line(one).casefold() for one in headers}
    for position, header in enumerate(headers, 1):
        wanted = one_line(header)[:LONGEST_COLUMN]
        name = free_name(wanted or f"column_{position}", taken, given if wanted.casefold() in taken else ())
        if not wanted:
            notes.append(Note("column_name", f"Column {position} has no name in the file; it is {name}."))
        elif name != wanted:
            notes.append(Note("column_name", f'The name "{wanted}" appears again; column {position} is {name}.'))
        names.append(name)
        taken.add(name.casefold())
    return tuple(names), tuple(notes)


def free_name(name: str, taken: Collection[str], avoided: Collection[str] = ()) -> str:
    """The name, or the first of `name_2`, `name_3` and so on that is free; `taken` and `avoided` are case-folded."""
    candidate, number = name, 1
    while candidate.casefold() in taken or (number > 1 and candidate.casefold() in avoided):
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def distinct(names: Sequence[str]) -> list[str]:
    """The names, none twice but for upper and lower case, none empty; the first with a name keeps it."""
    given = {one.casefold() for one in names}
    taken: set[str] = set()
    made = []
    for position, name in enumerate(names, 1):
        free = free_name(name or f"column_{position}", taken, given)
        made.append(free)
        taken.add(free.casefold())
    return made


def one_line(text: str) -> str:
    """The text as one line without invisible characters."""
    # Cc are control characters, Cf the invisible ones (they can turn the reading direction around), Cs halves of
    # a character; the joiners U+200C and U+200D belong to the spelling of Persian and Indic words.
    kept = (
        c
        for c in unicodedata.normalize("NFC", re.sub(r"\s+", " ", text))
        if c in "\u200c\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    return "".join(kept).strip()


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", text.lower())


def _belongs(character: str) -> bool:
    # Marks are vowel signs and accents: part of a word in Arabic, Hebrew and the Indic scripts.
    return character == "_" or unicodedata.category(character)[0] in "LMN"
