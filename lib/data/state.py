"""The tables as they were at one time: the file that holds them and those who read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lib.data.manifest import Manifest
from lib.settings import Settings

if TYPE_CHECKING:
    from lib.engine.choose import Engines
    from lib.engine.seam import RunningQuery


@dataclass
class State:
    """`number` grows from state to state; that of a workspace without tables may be 0, and nothing is on disk then."""

    folder: Path
    number: int
    settings: Settings
    manifest: Manifest
    queries: list[RunningQuery] = field(default_factory=list)
    exports: int = 0

    @property
    def database(self) -> Path:
        return self.folder / f"tables-{self.number}.duckdb"

    @property
    def manifest_file(self) -> Path:
        return self.folder / f"tables-{self.number}.json"

    @cached_property
    def engines(self) -> Engines:
        """Made when they are first needed: their libraries are slow to import, and a page without tables needs none."""
        import duckdb

        from lib.engine.choose import engines

        if not self.database.exists():
            duckdb.connect(self.database).close()
            self.database.chmod(0o600)
        return engines(self.database, self.settings, [one.name for one in self.manifest.tables])

    @property
    def is_read(self) -> bool:
        """Whether somebody still reads it."""
        self.queries = [one for one in self.queries if not one.gone]
        return bool(self.queries or self.exports)

    def end(self) -> None:
        """Stop its queries."""
        if "engines" in self.__dict__:
            self.engines.close()

    def delete(self) -> None:
        self.end()
        self.manifest_file.unlink(missing_ok=True)
        self.database.unlink(missing_ok=True)
