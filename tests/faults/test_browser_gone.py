"""The browser goes in the middle of everything: what runs for nobody ends, what was asked for goes on or says so."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest

from lib.llm.scripted import ScriptedUpstream, chat_stream, text_stream
from tests.browser.conftest import APP, Server, running_server
from tests.faults.processes import descendants, seconds_used
from tests.faults.tab import Tab

WAIT = 30.0
FOREVER = "SELECT count(*) FROM small a, range(100000000000) b"
STOPPED = "Stopped before it was finished."


@pytest.fixture
def server(upstream: ScriptedUpstream, tmp_path: Path) -> Iterator[Server]:
    """With a table of its own."""
    small = tmp_path / "small.csv"
    small.write_text("a,b\n1,x\n2,y\n", encoding="utf-8")
    given = {"LLM_BASE_URL": upstream.base_url, "LLM_API_KEY": upstream.key, "BAYAN_HOME": str(tmp_path / "home")}
    with running_server(APP, [small], **given, QUERY_TIMEOUT_SECONDS="600") as server:
        with Tab(server.url, "ask") as tab:
            until(lambda: shows(tab, "small"))
        yield server


def shows(tab: Tab, text: str) -> bool:
    tab.run()
    tab.until_finished()
    return any(text in one for one in tab.texts)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def busy(server: Server) -> set[int]:
    """The server's descendants that have used the processor for more than a second: queries without an end."""
    return {one for one in descendants(server.process.pid) if seconds_used(one) > 1}


def sql(text: str) -> str:
    return f"```sql\n{text}\n```"


def test_in_a_query_in_writing_sql_in_words_and_in_an_upload(server: Server, upstream: ScriptedUpstream) -> None:
    upstream.then(text_stream(sql(FOREVER)))
    tab = Tab(server.url, "ask")
    tab.run("How long is for ever?")
    until(lambda: bool(busy(server)))
    tab.vanish()
    until(lambda: not busy(server))

    rest = Event()
    upstream.then(text_stream("I think", rest))
    tab = Tab(server.url, "ask")
    tab.run("What is the mean of a?")
    asked = upstream.wait_for(2, WAIT)[-1]
    tab.leave()
    assert asked.closed_by_client.wait(WAIT)

    talk = Event()
    upstream.then(chat_stream("general"), chat_stream("Once upon a time", talk, " there was a table."))
    tab = Tab(server.url, "chat")
    tab.run("Tell me a story, please.")
    tab.until_shown("Once upon a time")
    tab.vanish()
    talk.set()
    assert upstream.posts[-1].answered.wait(WAIT)

    half_an_upload(server, tab.session)
    with Tab(server.url, "ask") as back:
        assert back.texts.count(STOPPED) == 2
        upstream.then(text_stream(sql("SELECT sum(a) AS total FROM small")))
        back.run("What is the sum of a?")
        back.until_shown("total")
        back.until_finished()
        assert "3" in back.texts
    with Tab(server.url, "chat") as back:
        assert any("Once upon a time there was a table." in one for one in back.texts)


def half_an_upload(server: Server, session: str) -> None:
    """Promise a large file, send its beginning, and go."""
    where = urlsplit(server.url)
    head = (
        f"PUT /_stcore/upload_file/{session}/1 HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: 99999999\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="big.csv"\r\n\r\n'
    )
    with socket.create_connection((where.hostname or "", where.port or 0)) as one:
        one.sendall(head.encode() + b"a,b\n" * 100_000)
