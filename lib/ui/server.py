"""The server around the pages: its start, its health, and its end, in which no answer is lost."""

from __future__ import annotations

import asyncio
import signal
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from types import FrameType

import streamlit as st
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from lib import settings as settings_room
from lib.chat import records
from lib.data import homes
from lib.data.load import load
from lib.errors import SettingError
from lib.llm import builtin
from lib.serving import admission, log, memory
from lib.serving.under_way import wait_for_all
from lib.settings import Settings
from lib.ui import visits

PARKING_SECONDS = 3.0
"""How long answers that are ended may take to write down how far they came."""

_Handler = Callable[[int, FrameType | None], object]


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """From the moment in which the server listens to the one in which it has nothing left to do."""
    settings = _settings()
    log.begin(settings)
    memory.when_short(_give_up_caches)
    _stop_with_care(asyncio.get_running_loop(), settings.stop_seconds)
    log.event("server_started")
    _open_browser()
    yield
    await asyncio.to_thread(_end)


def health(_request: Request) -> JSONResponse:
    """Whether new visitors should come here; 503 when they should not. Numbers alone."""
    status = "ok"
    if admission.stage() != "open":
        status = "draining"
    elif memory.is_full(_settings()):
        status = "full"
    busy = load()
    told = {
        "status": status,
        "sessions": visits.count(),
        "questions": busy.questions,
        "queries_running": busy.queries_running,
        "queries_waiting": busy.queries_waiting,
    }
    return JSONResponse(told, 200 if status == "ok" else 503)


def failed(error: Exception) -> None:
    """Write down that a page failed, and where; what the error says may hold a cell."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = trace.tb_frame.f_globals.get("__name__", "").rpartition(".")[2] if trace else ""
    log.event("failure", outcome=log.class_of(error), where=f"{where}:{trace.tb_lineno if trace else 0}")


ROUTES = [Route("/health", health)]


def _settings() -> Settings:
    """The pages say what is wrong with a setting; the server does without it."""
    try:
        return settings_room.load()
    except SettingError:
        return Settings()


def _stop_with_care(loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """At Ctrl+C, or where the system ends the server, let answers finish before the server goes. A second one ends it.

    The server stays for that long: closing the connections would end the answers.
    """
    if threading.current_thread() is not threading.main_thread():
        return

    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, _careful(before, loop, seconds))


def _careful(before: _Handler, loop: asyncio.AbstractEventLoop, seconds: float) -> _Handler:
    def end() -> None:
        server = getattr(before, "__self__", None)
        if isinstance(server, uvicorn.Server):
            server.should_exit = (
                True  # its handler would have the process die of the signal, with its children's folders
            )
        else:
            before(signal.SIGTERM, None)

    def finish() -> None:
        log.event("server_stopping")
        wait_for_all(seconds)
        admission.park()
        wait_for_all(PARKING_SECONDS)
        with suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(end)

    def handle(number: int, frame: FrameType | None) -> None:
        if admission.stage() != "open":
            before(number, frame)
            return
        admission.drain()
        threading.Thread(target=finish, name="stopping", daemon=True).start()

    return handle


def _end() -> None:
    homes.close_all()
    builtin.stop()
    log.event("server_stopped")


def _give_up_caches() -> None:
    st.cache_data.clear()
    with suppress(OSError, SettingError):  # a disk that is full too, or no place to write
        records.move_to_disk(_settings().home)


def _open_browser() -> None:
    """As `streamlit run` does for a script without a server of its own."""
    if not st.get_option("server.headless"):
        port, base = st.get_option("server.port"), str(st.get_option("server.baseUrlPath")).strip("/")
        webbrowser.open_new_tab(f"http://localhost:{port}/{base}")
