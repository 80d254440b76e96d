"""What endpoints have said about their models, for the whole process."""

from __future__ import annotations

import time
from threading import Lock

from lib.llm.endpoint import Endpoint
from lib.llm.models import Model


class Known:
    """Lists of models, each for a while, and contexts that turned out smaller than they were listed.

    What is kept here outlives the visitor who asked, so endpoints go by their identity, which holds no key.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._lists: dict[tuple[str, bytes], tuple[float, tuple[Model, ...]]] = {}
        self._contexts: dict[tuple[tuple[str, bytes], str], int] = {}

    def keep(self, endpoint: Endpoint, models: tuple[Model, ...], seconds: float) -> None:
        now = time.monotonic()
        with self._lock:
            for old in [one for one, (until, _) in self._lists.items() if until < now]:
                del self._lists[old]
            self._lists[endpoint.identity] = (now + seconds, models)

    def models(self, endpoint: Endpoint) -> tuple[Model, ...] | None:
        """None when the endpoint has to be asked (again)."""
        with self._lock:
            until, models = self._lists.get(endpoint.identity, (0.0, ()))
        return models if time.monotonic() < until else None

    def model(self, endpoint: Endpoint, name: str) -> Model | None:
        return next((one for one in self.models(endpoint) or () if one.is_called(name)), None)

    def learn(self, endpoint: Endpoint, model: str, context: int) -> None:
        with self._lock:
            self._contexts[endpoint.identity, model] = context

    def learned(self, endpoint: Endpoint, model: str) -> int | None:
        with self._lock:
            return self._contexts.get((endpoint.identity, model))


KNOWN = Known()
