"""How a file is to be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """`encoding` is a codec of `lib.data.encoding.ENCODINGS` that a person chose; empty means to find it out.

    `member` is the one sheet or archive member to read, as a table's origin names it; empty means all of them.
    A compressed file may unpack to `unpacked_mb` MB, all its members together.
    """

    encoding: str = ""
    member: str = ""
    unpacked_mb: int = 10_240
