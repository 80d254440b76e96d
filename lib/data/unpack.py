"""Files out of archives: one at a time, never more than a bound, and never at a path that the archive names."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from lib.data import legacy
from lib.data.format import by_ending
from lib.data.names import file_name
from lib.errors import DataError

MB = 1 << 20
CHUNK = 1 << 20
MOST_MEMBERS = 1000
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1
BROKEN = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_LEFT_BY_SYSTEMS = ("thumbs.db", "desktop.ini")


class Bound:
    """How many bytes may still be unpacked; all members of one archive share it."""

    def __init__(self, megabytes: int) -> None:
        self._megabytes, self._left = megabytes, megabytes * MB

    def copy(self, source: IO[bytes] | gzip.GzipFile, into: Path, file: str) -> None:
        """Write everything that the source holds. Raises DataError when it is damaged or too much."""
        with into.open("wb") as target:
            while chunk := _read(source, file):
                self._left -= len(chunk)
                if self._left < 0:
                    raise self.exceeded(file)
                target.write(chunk)

    def check(self, size: int, file: str) -> None:
        """Raise DataError when `size` bytes are more than what is left."""
        if size > self._left:
            raise self.exceeded(file)

    def exceeded(self, file: str) -> DataError:
        return DataError(f"{file} unpacks to more than {self._megabytes:,} MB.", "Unpack it and load a part of it.")


def _read(source: IO[bytes] | gzip.GzipFile, file: str) -> bytes:
    try:
        return source.read(CHUNK)
    except BROKEN as e:
        raise DataError(f"{file} is damaged: it cannot be unpacked.", "Upload the whole file again.") from e


def gunzip(path: Path, file: str, into: Path, bound: Bound) -> None:
    """Unpack a .gz file. Raises DataError."""
    with gzip.open(path) as source:
        bound.copy(source, into, file)


@dataclass(frozen=True)
class Member:
    """A file in an archive. `name` is its path there, cleaned of what a screen should not show."""

    name: str
    info: zipfile.ZipInfo


@dataclass(frozen=True)
class Archive:
    """What a .zip holds: `members` that may be tables, and the names of those that are none."""

    stream: zipfile.ZipFile
    members: tuple[Member, ...]
    unread: tuple[str, ...]

    @classmethod
    @contextmanager
    def opened(cls, path: Path, file: str) -> Iterator[Archive]:
        """The archive's list of contents. Raises DataError if it is damaged or has no table."""
        try:
            stream = zipfile.ZipFile(path)
        except BROKEN as e:
            raise DataError(f"{file} is damaged: its list of contents cannot be read.", "Upload it again.") from e
        with stream:
            yield _listed(stream, file)

    def unpack(self, member: Member, shown: str, into: Path, bound: Bound) -> None:
        """Write one member to `into`. Raises DataError when that is not possible; `shown` names it there."""
        if member.info.flag_bits & _ENCRYPTED:
            raise DataError(f"{shown} is protected with a password.", "Unpack the archive and upload the files in it.")
        try:
            source = self.stream.open(member.info)
        except BROKEN as e:
            raise DataError(f"{shown} is damaged: it cannot be unpacked.", "Upload the whole file again.") from e
        with source:
            bound.copy(source, into, shown)


def _listed(stream: zipfile.ZipFile, file: str) -> Archive:
    found = [Member(_cleaned(one), one) for one in stream.infolist() if not one.is_dir()]
    if len(found) > MOST_MEMBERS:
        raise DataError(
            f"{file} holds {len(found):,} files; at most {MOST_MEMBERS:,} can be read.", "Upload fewer of them."
        )
    visible = [one for one in found if not _is_hidden(one.name)]
    members = tuple(one for one in visible if _may_be_a_table(one.name))
    unread = tuple(one.name for one in visible if one not in members)
    if not members:
        what = f": {', '.join(unread[:5])}" if unread else ""
        raise DataError(f"{file} holds no file that can be a table{what}.", "Upload the data files themselves.")
    return Archive(stream, members, unread)


def _cleaned(info: zipfile.ZipInfo) -> str:
    parts = _decoded(info).replace("\\", "/").split("/")
    return "/".join(file_name(part) for part in parts if part not in ("", ".", "..")) or "file"


def _decoded(info: zipfile.ZipInfo) -> str:
    """The member's path. An archive that does not say that its names are UTF-8 has them in any encoding."""
    if info.flag_bits & _UTF8_NAME or info.filename.isascii():
        return info.filename
    raw = info.filename.encode("cp437")
    for encoding in ("utf-8", *legacy.guess(raw).encodings):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _is_hidden(name: str) -> bool:
    parts = name.lower().split("/")
    return parts[0] == "__macosx" or any(one.startswith((".", "~$")) for one in parts) or parts[-1] in _LEFT_BY_SYSTEMS


def _may_be_a_table(name: str) -> bool:
    return by_ending(name) is not None or not PurePosixPath(name).suffix
