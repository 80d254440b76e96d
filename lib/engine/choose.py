"""Which engine runs a workspace's queries: DuckDB here, or what ENGINE_URL names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.engine.engine import Engine
from lib.engine.seam import SqlEngine
from lib.settings import Settings


@dataclass(frozen=True)
class Engines:
    """`asked` runs what people and models write, in its `dialect`; `own` runs Bayan's own SQL, which is DuckDB's."""

    asked: SqlEngine
    own: SqlEngine

    def close(self) -> None:
        """Stop what still runs on both."""
        self.asked.close()
        if self.own is not self.asked:
            self.own.close()


def engines(database: Path, settings: Settings, names: Sequence[str]) -> Engines:
    """The engines for a DuckDB file with the tables of these names."""
    here = Engine(database, settings)
    if not settings.engine_url:
        return Engines(here, here)
    from lib.engine.spark.engine import SparkEngine  # imports a library that only this setting needs
    from lib.engine.spark.own import OwnEngine

    there = SparkEngine(database, settings, names)
    return Engines(there, OwnEngine(here, there))
