"""What causes faults: a disk that can be filled, and an upstream that answers or fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib.llm.scripted import ScriptedUpstream
from tests.titles import titled

SIZE_MB = 24


@dataclass(frozen=True)
class Disk:
    """A file system of its own, in memory."""

    folder: Path

    @contextmanager
    def full(self, left: int = 0) -> Iterator[None]:
        """Only so many bytes are left in the block; all is as before at its end."""
        filler = self.folder / "filler"
        try:
            self._fill(filler, left)
            yield
        finally:
            filler.unlink(missing_ok=True)

    def _fill(self, filler: Path, left: int) -> None:
        found = os.statvfs(self.folder)
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(4096, found.f_bavail * found.f_frsize - left))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mounted by root, or by who may use sudo without a password; nobody else can have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    as_root = [] if sys.platform == "linux" and os.geteuid() == 0 else ["sudo", "-n"]
    mount = [*as_root, "mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0777", "tmpfs", str(folder)]
    if sys.platform != "linux" or not shutil.which(mount[0]) or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted only by root on Linux")
    try:
        yield Disk(folder)
    finally:
        subprocess.run([*as_root, "umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(aside=titled) as scripted:
        yield scripted
