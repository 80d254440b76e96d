"""What a folder of tables holds after whatever happened to it: the newest whole state, and what had to be set aside."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from lib.data import manifest as manifests
from lib.data.loading import SCRATCH
from lib.data.manifest import Damaged, Manifest
from lib.data.originals import Originals

_STATE = re.compile(r"tables-(\d+)\.(json|duckdb)")
_UNFINISHED = re.compile(r"(tables|deleted)-\d+\.(json\.part|part|copy|part\.wal|copy\.wal|duckdb\.wal)")
_DELETED = re.compile(r"deleted-\d+\.duckdb")


@dataclass
class Recovery:
    """The state to open: 0 is the one without any table. `notices` are sentences about what was set aside."""

    folder: Path
    number: int = 0
    manifest: Manifest = field(default_factory=Manifest)
    notices: list[str] = field(default_factory=list)

    def set_aside(self, path: Path) -> None:
        """Keep the file under a name that nothing here uses."""
        now = dt.datetime.now(dt.UTC)
        path.rename(self.folder / f"damaged-{now:%Y%m%dT%H%M%S%f}Z-{path.name}")


def recover(folder: Path) -> Recovery:
    """Find the newest whole state and remove what a crash left. Raises OSError, and DataError for a later format."""
    found = Recovery(folder)
    damaged = _find(found)
    if damaged:
        rest = "the tables are as they were before the last change" if found.number else "there are no tables now"
        found.notices.append(
            f"Some of the tables' files were damaged: {', '.join(damaged)}. "
            f"They were set aside in the same folder, with names that begin with damaged; {rest}."
        )
    _look_for_deleted(found)
    for path in _leftovers(found):
        path.unlink(missing_ok=True)
    # What the damaged state knew may be all that is left of it.
    dispose: Callable[[Path], object] = found.set_aside if damaged else Path.unlink
    for path in unused(folder, found.manifest):
        dispose(path)
    for scratch in folder.glob(f"{SCRATCH}*"):
        shutil.rmtree(scratch, ignore_errors=True)
    return found


def unused(folder: Path, manifest: Manifest) -> Iterator[Path]:
    """Files that were written for a state which is not there any more."""
    named = {one.file for one in manifest.deleted}
    yield from (one for one in folder.glob("deleted-*") if _DELETED.fullmatch(one.name) and one.name not in named)
    yield from Originals(folder).unused(manifest.originals)


def _find(found: Recovery) -> list[str]:
    """Set `found` to the newest whole state; the names of those files that are newer and damaged."""
    damaged: list[str] = []
    for number in sorted(_numbers(found.folder, "json"), reverse=True):
        path = found.folder / f"tables-{number}.json"
        try:
            found.manifest, found.number = manifests.read(path), number
            break
        except Damaged:
            for one in (path, manifests.database_beside(path)):
                if one.exists():
                    found.set_aside(one)
                    damaged.append(one.name)
    # The next number is that of a change that was not finished; what is beyond has lost its manifest.
    lost = [one for one in _numbers(found.folder, "duckdb") if one > found.number + 1]
    for number in lost:
        path = found.folder / f"tables-{number}.duckdb"
        found.set_aside(path)
        damaged.append(path.name)
    return damaged


def _look_for_deleted(found: Recovery) -> None:
    there = tuple(one for one in found.manifest.deleted if (found.folder / one.file).is_file())
    if len(there) < len(found.manifest.deleted):
        found.notices.append("A deleted table cannot be brought back any more: its file is gone.")
    found.manifest = replace(found.manifest, deleted=there)


def _numbers(folder: Path, ending: str) -> list[int]:
    names = (_STATE.fullmatch(one.name) for one in folder.iterdir())
    return [int(one[1]) for one in names if one and one[2] == ending]


def _leftovers(found: Recovery) -> list[Path]:
    """States that are not the one to open, and files that were never finished."""
    return [
        one
        for one in found.folder.iterdir()
        if _UNFINISHED.fullmatch(one.name) or ((state := _STATE.fullmatch(one.name)) and int(state[1]) != found.number)
    ]
