"""Whether new work may begin: not while the server is being stopped, and not while its memory is full."""

from __future__ import annotations

from typing import Literal

from lib.errors import AppError, LoadNotNow, NotNow, QueryNotNow
from lib.serving import log, memory
from lib.settings import Settings

Kind = Literal["question", "load", "query"]
Reason = Literal["stopping", "memory", "questions", "queries", "rows", "bytes"]

_KINDS: dict[Kind, type[AppError]] = {"question": NotNow, "load": LoadNotNow, "query": QueryNotNow}
STOPPING = "Bayan is being restarted."
AGAIN = "Try again in a minute; what was finished is kept."

_stage: Literal["open", "draining", "parking"] = "open"


def stage() -> Literal["open", "draining", "parking"]:
    """`draining`: what runs may go on, nothing new begins. `parking`: what runs ends too."""
    return _stage


def drain() -> None:
    """Let nothing new begin from now on, but the queries that an answer under way still needs."""
    global _stage
    _stage = "draining"


def park() -> None:
    """End what runs."""
    global _stage
    _stage = "parking"


def require(kind: Kind, settings: Settings) -> None:
    """Raise NotNow, LoadNotNow or QueryNotNow where nothing of the kind may begin at this moment."""
    if _stage == "parking" or (_stage == "draining" and kind != "query"):
        raise refused("stopping", _KINDS[kind](STOPPING, AGAIN))
    if memory.is_full(settings):
        raise refused(
            "memory",
            _KINDS[kind](
                "The server's memory is full, so nothing new is begun.",
                "Try again in a minute; closing other tabs of Bayan helps.",
            ),
        )


def require_time() -> None:
    """Raise NotNow in an answer under way whose time is over, because the server ends."""
    if _stage == "parking":
        raise NotNow("Stopped by a restart of Bayan before the answer was finished.", "Ask again.")


def refused(why: Reason, error: AppError) -> AppError:
    """The same error, once it is written down that something was refused."""
    log.event("refused", why=why, error=type(error).__name__)
    return error
