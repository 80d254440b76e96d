"""What endpoints have said about their models, for the whole process."""

from __future__ import annotations

import time
from threading import Lock

from lib.llm.endpoint import Endpoint
from lib.llm.models import Model


class Known:
    """Lists of models, each for a while, and contexts that turned out smaller than they were listed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lists: dict[Endpoint, tuple[float, tuple[Model, ...]]] = {}
        self._contexts: dict[tuple[Endpoint, str], int] = {}

    def keep(self, endpoint: Endpoint, models: tuple[Model, ...], seconds: float) -> None:
        with self._lock:
            self._lists[endpoint] = (time.monotonic() + seconds, models)

    def models(self, endpoint: Endpoint) -> tuple[Model, ...] | None:
        """None when the endpoint has to be asked (again)."""
        with self._lock:
            until, models = self._lists.get(endpoint, (0.0, ()))
        return models if time.monotonic() < until else None

    def model(self, endpoint: Endpoint, name: str) -> Model | None:
        return next((one for one in self.models(endpoint) or () if one.is_called(name)), None)

    def learn(self, endpoint: Endpoint, model: str, context: int) -> None:
        with self._lock:
            self._contexts[endpoint, model] = context

    def learned(self, endpoint: Endpoint, model: str) -> int | None:
        with self._lock:
            return self._contexts.get((endpoint, model))


KNOWN = Known()
