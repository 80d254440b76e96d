"""Server-sent events, read from a stream of bytes.

Written here rather than taken from sseclient-py: that one passes silently over whatever is no event, so a web
page or llama.cpp's `error:` line would look like an empty answer, stops with UnicodeDecodeError on a broken
byte, and keeps an endless line in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_BYTES = 1024 * 1024
"""A longer line or event is none."""

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a carriage return at the very end may be half of a line end


class NotEvents(ValueError):
    """The bytes are not server-sent events; `line` is the first one that cannot be."""

    def __init__(self, line: str) -> None:
        super().__init__("not server-sent events")
        self.line = line


@dataclass(frozen=True)
class ServerEvent:
    """`field` is `data`, or `error` for the line with which llama.cpp ends a stream that failed."""

    field: str
    value: str


def read_events(chunks: Iterable[bytes]) -> Iterator[ServerEvent]:
    """The events with data, each as soon as it is complete; the last may lack its empty line.

    Raises NotEvents for a line that no event has.
    """
    data: list[str] = []
    size = 0
    for line in _lines(chunks):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        size = size + len(value) if line else 0
        if size > MOST_BYTES or (name not in _FIELDS and line.strip()):
            raise NotEvents(line)
        if name == "data":
            data.append(value)
        elif name == "error":
            yield ServerEvent("error", value)
        elif not line and data:
            yield ServerEvent("data", "\n".join(data))
            data = []
    if data:
        yield ServerEvent("data", "\n".join(data))


_FIELDS = frozenset({"", "data", "error", "event", "id", "retry"})


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines as text; a character is decoded only with its whole line, so chunks may end anywhere in it."""
    rest = b""
    for chunk in chunks:
        *lines, rest = _LINE_END.split(rest + chunk)
        yield from (line.decode("utf-8", "replace") for line in lines)
        if len(rest) > MOST_BYTES:
            raise NotEvents(rest[:200].decode("utf-8", "replace"))
    yield from (line.decode("utf-8", "replace") for line in rest.splitlines())
