"""What each workspace has used up of what it may: kept for as long as the process, whoever closes and opens it."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from pathlib import Path

from lib.errors import NotNow
from lib.serving.admission import refused

MINUTE = 60.0
_MOST_IDLE = 10_000


class Account:
    """One workspace's. Closing its tabs, or opening more of them, changes nothing."""

    def __init__(self) -> None:
        self.tag = secrets.token_hex(4)
        """Names the workspace in the log; it means nothing elsewhere."""
        self._lock = threading.Lock()
        self._asked: deque[float] = deque()

    def wait_to_ask(self, a_minute: int) -> float:
        """Seconds until the next question may be asked, where so many a minute may be; 0 is no limit."""
        with self._lock:
            return self._wait(a_minute)

    def ask(self, a_minute: int) -> None:
        """Count a question. Raises NotNow when as many as may be asked were asked in the last minute."""
        with self._lock:
            wait = self._wait(a_minute)
            if not wait:
                self._asked.append(time.monotonic())
                return
        raise refused(
            "questions",
            NotNow(
                f"{a_minute:,} questions were asked here in the last minute, and more may not be.",
                f"Ask again in {max(1, round(wait))} seconds.",
            ),
        )

    @property
    def is_idle(self) -> bool:
        with self._lock:
            return not self._wait(1)

    def _wait(self, a_minute: int) -> float:
        now = time.monotonic()
        while self._asked and self._asked[0] <= now - MINUTE:
            self._asked.popleft()
        if not a_minute or len(self._asked) < a_minute:
            return 0.0
        return self._asked[-a_minute] + MINUTE - now


_accounts: dict[Path, Account] = {}
_lock = threading.Lock()


def account(folder: Path) -> Account:
    """The one account of the workspace in that folder."""
    with _lock:
        if len(_accounts) > _MOST_IDLE:
            for gone in [path for path, one in _accounts.items() if one.is_idle]:
                del _accounts[gone]
        return _accounts.setdefault(folder, Account())
