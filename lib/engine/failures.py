"""The engine's errors in plain sentences."""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa

from lib.errors import QueryError, QueryFailed, QueryTimeout, QueryTooBig

MAX_CHARACTERS = 1000

ENGINE_ERRORS = (duckdb.Error, MemoryError, pa.ArrowException, RuntimeError)
"""What a query can raise; RuntimeError is C++'s own, such as a thread that could not be started."""

_ALLOCATION = re.compile(r"allocat|bad_alloc|resource temporarily unavailable", re.IGNORECASE)
_KIND = re.compile(r"^[A-Z][\w -]{2,40} Error: ")
_PLACE = re.compile(r"\n+LINE (?P<line>\d+): (?P<text>.*)\n(?P<space> *)\^+", re.DOTALL)


DAMAGED = "A part of the tables' file is damaged and cannot be read."
RELOAD = "Delete the table and load its file again."


def is_damage(message: str) -> bool:
    """Whether the engine found that the file is not as it was written."""
    return "Corrupt database file" in message


def too_big(memory_mb: int) -> QueryTooBig:
    return QueryTooBig(
        f"The query needed more than the {memory_mb:,} MB of memory that one query may use.",
        "Take fewer rows or columns, or group before you sort.",
    )


def result_too_big(result_mb: int) -> QueryTooBig:
    return QueryTooBig(
        f"The result is larger than the {result_mb:,} MB that can be shown.",
        "Take fewer rows or columns, or shorten long texts with left(text, 100).",
    )


def too_long(seconds: float) -> QueryTimeout:
    return QueryTimeout(
        f"The query ran longer than the {seconds:g} seconds that one query may take.",
        "Take fewer rows, or group before you join.",
    )


def translated(e: BaseException, *, timeout: float, memory_mb: int, lines_added: int = 0) -> QueryError:
    """`lines_added` is the number of lines that were put before the text that a person wrote."""
    message = str(e)
    if isinstance(e, duckdb.InterruptException):
        return too_long(timeout)
    if isinstance(e, (duckdb.OutOfMemoryException, MemoryError)) or _ALLOCATION.search(message):
        return too_big(memory_mb)
    if is_damage(message):
        return QueryFailed(DAMAGED, RELOAD)
    if "expression depth" in message:
        return QueryFailed("The SQL is nested too deeply, or joins too many tables.", "Write it with fewer levels.")
    return QueryFailed(_cleaned(message, lines_added))


def _cleaned(message: str, lines_added: int) -> str:
    """`Referenced column "x" not found. Candidate bindings: "a" (line 1, column 8).`"""
    place = _PLACE.search(message)
    body = message[: place.start()] if place else message
    body = " ".join(_KIND.sub("", body).split()).rstrip(".!")
    if len(body) > MAX_CHARACTERS:
        body = body[:MAX_CHARACTERS] + " …"
    return f"{body}{_where(place, lines_added)}."


def _where(place: re.Match[str] | None, lines_added: int) -> str:
    if place is None or int(place["line"]) <= lines_added:
        return ""
    line = int(place["line"]) - lines_added
    if place["text"].startswith("..."):  # the engine cut the line's start off, so its column is not known
        return f" (line {line})"
    column = len(place["space"]) - len(f"LINE {place['line']}: ") + 1
    return f" (line {line}, column {column})"
