"""Run the model in a child process: started when first needed, shared by everybody, restarted if it dies."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from lib.errors import BuiltinError
from lib.llm.builtin import machine
from lib.llm.builtin.fetch import start_fetch
from lib.llm.builtin.files import MODEL_ID, is_ready, model_path
from lib.llm.builtin.obstacle import find_obstacle
from lib.llm.endpoint import Endpoint
from lib.settings import Settings

CONTEXT_TOKENS = 8192
SLOTS = 2
"""People who are answered at the same time; each has the whole context."""

START_SECONDS = 180
RESTART_SECONDS = 60
"""A model that dies is restarted once in so many seconds."""

_CHILD = Path(__file__).with_name("child.py")


class Serving:
    """A child process that serves one model file, from its start to its end."""

    def __init__(self, model: Path) -> None:
        self.model = model
        self._key = secrets.token_urlsafe(32)
        self._address = ""
        self._answered = threading.Event()
        # -P keeps this folder's modules out of the child's way; the remote endpoint's key is none of its business.
        self._child = subprocess.Popen(
            [sys.executable, "-P", str(_CHILD)],
            env={name: value for name, value in os.environ.items() if name != "LLM_API_KEY"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=self._start, name="start-model", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether the process runs, be it still loading or ready."""
        return self._child.poll() is None

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def memory(self) -> int:
        """Bytes of memory that the process holds, 0 once it has ended."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the model answers or failed to start, at most so long; returns whether that is settled."""
        return self._answered.wait(seconds)

    def endpoint(self) -> Endpoint:
        """Where the model answers, after waiting until it does. Raises BuiltinError when it could not start."""
        self.wait()
        if not self._address:
            raise BuiltinError(
                "The built-in model could not be loaded.",
                "Close other programs if memory is short; if LOCAL_MODEL_PATH is set, try another GGUF file.",
            )
        return Endpoint.at(self._address, self._key, builtin=True)

    def stop(self) -> None:
        """End the process now."""
        self._child.kill()
        self._child.wait()

    def _start(self) -> None:
        too_late = threading.Timer(START_SECONDS, self._child.kill)
        too_late.daemon = True
        too_late.start()
        try:
            self._address = self._configure()
        finally:
            too_late.cancel()
            if not self._address:
                self.stop()
            self._answered.set()

    def _configure(self) -> str:
        """Tell the child what to serve; returns its address once the model is loaded, "" if it died."""
        configuration = {
            "model": str(self.model),
            "alias": MODEL_ID,
            "key": self._key,
            "context": CONTEXT_TOKENS,
            "slots": SLOTS,
            "prompt_threads": machine.processors(),
            "answer_threads": machine.idle_processors(),
        }
        told, answer = self._child.stdin, self._child.stdout
        if told is None or answer is None:
            return ""
        try:
            told.write(json.dumps(configuration) + "\n")
            told.flush()
        except BrokenPipeError:
            return ""
        line = answer.readline()
        return str(json.loads(line)["address"]) if line else ""


_guard = threading.Lock()
_serving: Serving | None = None
_restarted = float("-inf")


def begin(settings: Settings) -> Serving:
    """Start the model, or return the one that is started; never waits for it to load.

    Raises BuiltinError when the model is not here, cannot run here, or died twice within a minute.
    """
    global _serving
    model = model_path(settings)
    with _guard:
        if _serving is not None and _serving.model == model and _serving.alive:
            return _serving
        if not is_ready(settings) and not settings.local_model_path:
            raise BuiltinError(
                "The built-in model is not on this machine yet.",
                "Download it on the page or with `python -m lib model fetch`; LLM_BUILTIN=auto does so by itself.",
            )
        if _serving is not None:
            _replace(_serving, model)
        if obstacle := find_obstacle(settings):
            raise obstacle
        _serving = Serving(model)
        return _serving


def _replace(old: Serving, model: Path) -> None:
    """Let another model take over, or the same one start again if it may."""
    global _restarted
    if old.model != model:
        old.stop()
        _restarted = float("-inf")
        return
    now = time.monotonic()
    if now - _restarted < RESTART_SECONDS:
        raise BuiltinError(
            "The built-in model stopped twice within a minute.",
            "Wait a minute and ask again; close other programs if memory is short.",
        )
    _restarted = now


def serve(settings: Settings) -> Endpoint:
    """Where the model answers, after waiting for it; with LLM_BUILTIN=auto it is fetched first if it must be.

    Raises BuiltinError.
    """
    if settings.llm_builtin == "auto" and not is_ready(settings) and not settings.local_model_path:
        if obstacle := find_obstacle(settings):
            raise obstacle
        fetch = start_fetch(settings)
        fetch.wait()
        if fetch.error is not None:
            raise fetch.error
    return begin(settings).endpoint()


def serves(settings: Settings) -> bool:
    """Whether the model of these settings is started already."""
    return serving(settings) is not None


def serving(settings: Settings) -> Serving | None:
    """The model of these settings, if it is started."""
    now = _serving
    return now if now is not None and now.model == model_path(settings) and now.alive else None


@atexit.register
def stop() -> None:
    """End the child process, if there is one; the next `begin` starts another."""
    global _serving
    with _guard:
        if _serving is not None:
            _serving.stop()
        _serving = None
