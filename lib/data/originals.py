"""The files as they came: kept in the workspace for as long as a table was read from them."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from lib.data import durable
from lib.data.full_disk import full, is_full
from lib.data.names import file_name
from lib.data.table import Origin
from lib.errors import DataError

FOLDER = "files"
CHUNK = 4 << 20
_OURS = re.compile(r"(\d+)-")


@dataclass(frozen=True)
class Source:
    """A file to load: its name as the person knows it, and its bytes, a seekable binary stream, or where it lies.

    A stream is closed when its bytes are on the disk: one that lies in memory would stay there all through the load.
    """

    name: str
    data: Path | bytes | BinaryIO = field(repr=False)

    @property
    def label(self) -> str:
        """The last part of its name as one line."""
        return file_name(self.name)

    def size(self) -> int:
        """Bytes. Raises DataError."""
        try:
            if isinstance(self.data, bytes):
                return len(self.data)
            return _file_size(self.label, self.data) if isinstance(self.data, Path) else self.data.seek(0, os.SEEK_END)
        except OSError as e:
            raise unreadable(self.label, e) from e


class Originals:
    """The files in the folder of one workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, source: Source) -> Path:
        """Where the file lies from now on: here if it was uploaded, or where it lies already. Raises DataError."""
        try:
            if isinstance(source.data, Path):
                _file_size(source.label, source.data)
                with source.data.open("rb"):
                    return source.data.absolute()
            files = self._folder / FOLDER
            files.mkdir(mode=0o700, exist_ok=True)
            path = files / f"{self._next(files)}-{_safe(source.label)}"
            durable.write(path, lambda stream: _copy(source.data, stream))
        except OSError as e:
            raise unreadable(source.label, e) from e
        return path

    def origin(self, read: Origin | None) -> Origin | None:
        """An origin as the manifest keeps it: relative for a file that lies here."""
        if read is None or not Path(read.path).is_relative_to(self._folder):
            return read
        return Origin(Path(read.path).relative_to(self._folder).as_posix(), read.member, read.encoding, read.size)

    def find(self, file: str, origin: Origin | None) -> Path:
        """Where a table was read from. Raises DataError if that is gone or is not what it was."""
        if origin is None:
            raise DataError(f"{file} was put together from several files.", "Load those files again.")
        path = self._folder / origin.path
        try:
            size = path.stat().st_size
        except OSError as e:
            raise DataError(f"{file} is not there any more.", "Load it again.") from e
        outside = not path.resolve().is_relative_to(self._folder.resolve())
        if size != origin.size or (outside and not Path(origin.path).is_absolute()):
            raise DataError(f"{file} has changed since it was read.", "Load it again.")
        return path

    def unused(self, used: Collection[str]) -> list[Path]:
        """The files here that nothing names any more."""
        return [
            one
            for one in (self._folder / FOLDER).glob("*")
            if _OURS.match(one.name) and one.relative_to(self._folder).as_posix() not in used
        ]

    def _next(self, files: Path) -> int:
        return 1 + max((int(found[1]) for one in files.iterdir() if (found := _OURS.match(one.name))), default=0)


def _file_size(name: str, path: Path) -> int:
    """Raises OSError, and DataError for what is no file: opening a pipe would wait for somebody to write to it."""
    try:
        found = path.stat()
    except ValueError as e:  # a zero byte in it
        raise DataError(f"{name} is no file.") from e
    if not stat.S_ISREG(found.st_mode):
        raise DataError(f"{name} is no file.")
    return found.st_size


def unreadable(name: str, e: OSError) -> DataError:
    if is_full(e):
        return full(f"{name} could not be kept")
    return DataError(f"{name} cannot be read: {(e.strerror or 'the disk does not answer').lower()}.")


def _copy(data: Path | bytes | BinaryIO, into: BinaryIO) -> None:
    if isinstance(data, bytes):
        into.write(data)
    elif not isinstance(data, Path):
        data.seek(0)
        shutil.copyfileobj(data, into, CHUNK)
        data.close()


def _safe(label: str) -> str:
    """A name that every system takes; the label itself is in the manifest. At most 100 bytes."""
    plain = re.sub(r"[^\w.-]", "_", label)
    ending = Path(plain).suffix[-16:]
    stem = plain.removesuffix(ending).encode()[: 100 - len(ending.encode())].decode(errors="ignore")
    return stem + ending
