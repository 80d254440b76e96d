"""The sample data that comes with Bayan."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lib.settings import PROJECT

FOLDER = PROJECT / "sample_data"


@dataclass(frozen=True)
class Sample:
    """A data set: its files as paths, three questions that it answers, its licence and where it is from."""

    name: str
    title: str
    about: str
    files: tuple[Path, ...]
    questions: tuple[str, ...]
    licence: str
    source: str


@cache
def samples() -> tuple[Sample, ...]:
    """Every sample, in the order in which they are offered."""
    catalogue = tomllib.loads((FOLDER / "catalogue.toml").read_text(encoding="utf-8"))
    return tuple(
        Sample(
            name=one["name"],
            title=one["title"],
            about=one["about"],
            files=tuple(FOLDER / file for file in one["files"]),
            questions=tuple(one["questions"]),
            licence=one["licence"],
            source=one["source"],
        )
        for one in catalogue["sample"]
    )
