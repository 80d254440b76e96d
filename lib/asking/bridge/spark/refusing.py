"""What cannot be said, and why."""

from __future__ import annotations

from lib.errors import CannotTranslate


def cannot(what: str, way_out: str = "Ask for it in another way.") -> CannotTranslate:
    """The refusal of a construct that is not proven to mean the same on Spark."""
    return CannotTranslate(f"{what} is not proven to mean the same on Spark.", way_out)
