"""JSON read bit by bit, without a change to any value: numbers stay the text that they are in the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

CHUNK = 1 << 20
LONGEST_VALUE = 64 << 20
_SPACE = re.compile(r"[ \t\r\n]*")


class Number(str):
    """A number as it is written."""

    __slots__ = ()


class Malformed(ValueError):
    """Text that is no JSON; `line` and `column` count from 1."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(reason, line, column)
        self.reason, self.line, self.column = reason, line, column


class Parser:
    """Turns texts into values: objects are dicts, and `repeated` is a name that one of them has twice, or None."""

    def __init__(self) -> None:
        self.repeated: str | None = None
        self._decoder = json.JSONDecoder(
            parse_float=Number,
            parse_int=Number,
            parse_constant=Number,
            object_pairs_hook=self._object,
            strict=False,
        )

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            self.repeated = next(name for name in names if names.count(name) > 1)
        return found

    def at(self, text: str, position: int) -> tuple[Any, int]:
        """The value that starts at the position, and where it ends. Raises JSONDecodeError, RecursionError."""
        self.repeated = None
        return self._decoder.raw_decode(text, position)

    def whole(self, text: str) -> Any:
        """The value that the text is. Raises Malformed."""
        try:
            start = _after_space(text, 0)
            value, end = self.at(text, start)
        except json.JSONDecodeError as e:
            raise Malformed(e.msg, 1, e.pos + 1) from e
        except RecursionError as e:
            raise Malformed("it is nested too deeply", 1, 1) from e
        if _after_space(text, end) < len(text):
            raise Malformed("something follows the value", 1, end + 1)
        return value


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


class Cursor:
    """A place in a stream of JSON that moves forward, value by value, keeping only the current one in memory."""

    def __init__(self, stream: TextIO, parser: Parser) -> None:
        self._stream, self._parser = stream, parser
        self._buffer, self._position = "", 0
        self._line, self._counted = 1, 0
        self._complete = False

    @property
    def line(self) -> int:
        """The line of the file on which the next value starts, once `next` has been looked at."""
        self._line += self._buffer.count("\n", self._counted, self._position)
        self._counted = self._position
        return self._line

    def next(self) -> str:
        """The next character that is no space; empty at the end. The cursor stays before it."""
        while True:
            self._position = _after_space(self._buffer, self._position)
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._more():
                return ""

    def take(self, expected: str) -> None:
        """Go past a character. Raises Malformed if it is another one."""
        if self.next() != expected:
            raise self._malformed(f"{expected} is missing", self._position)
        self._position += 1

    def value(self) -> tuple[Any, str]:
        """The next value and its text. Raises Malformed."""
        self.next()
        while True:
            try:
                value, end = self._parser.at(self._buffer, self._position)
            except json.JSONDecodeError as e:
                if self._may_be_cut(e) and self._more():
                    continue
                raise self._malformed(e.msg, e.pos) from e
            except RecursionError as e:
                raise self._malformed("it is nested too deeply", self._position) from e
            # A number at the very end of the buffer may go on.
            if end < len(self._buffer) or not self._more():
                text = self._buffer[self._position : end]
                self._position = end
                return value, text

    def elements(self) -> Iterator[None]:
        """Stand before each element of the list that comes next; the caller takes its value. Raises Malformed."""
        yield from self._inside("[", "]")

    def members(self) -> Iterator[str]:
        """The name of each member of the object that comes next; the caller takes its value. Raises Malformed."""
        for _ in self._inside("{", "}"):
            name, _ = self.value()
            if not isinstance(name, str) or isinstance(name, Number):
                raise self._malformed("a name in quotation marks is missing", self._position)
            self.take(":")
            self.next()
            yield name

    def _inside(self, opening: str, closing: str) -> Iterator[None]:
        self.take(opening)
        if self.next() == closing:
            self.take(closing)
            return
        while True:
            self.next()
            yield
            if self.next() == closing:
                self.take(closing)
                return
            self.take(",")

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether the text may go wrong only because the rest of it was not read yet."""
        return error.msg.startswith("Unterminated string") or len(self._buffer) - error.pos < 16

    def _more(self) -> bool:
        """Read on, twice as much as is held, so that a long value is not tried again and again."""
        if self._complete:
            return False
        held = len(self._buffer) - self._position
        if held > LONGEST_VALUE:
            raise self._malformed(f"no value may be longer than {LONGEST_VALUE >> 20} MB", self._position)
        more = self._stream.read(max(CHUNK, held))
        if not more:
            self._complete = True
            return False
        self._line = self.line
        self._buffer, self._position, self._counted = self._buffer[self._position :] + more, 0, 0
        return True

    def _malformed(self, reason: str, position: int) -> Malformed:
        line = self._line + self._buffer.count("\n", self._counted, position)
        return Malformed(reason, line, position - self._buffer.rfind("\n", 0, position))


def written(value: Any) -> str:
    """A value as JSON text, its numbers as they were."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_plain(name)}: {written(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return _plain(value)


def _plain(value: str | bool | None) -> str:
    return json.dumps(value, ensure_ascii=False)
