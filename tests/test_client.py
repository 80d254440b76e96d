"""The client against the scripted upstream: streams, faults, Stop, limits, retries, budget, and the key."""

from __future__ import annotations

import json
import socket
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from threading import Thread, current_thread
from threading import enumerate as enumerate_threads
from typing import Any

import pytest

from lib.errors import (
    AppError,
    BadParameter,
    ContextTooLong,
    EndpointFailed,
    KeyRefused,
    ModelError,
    ModelNotFound,
    RateLimited,
    SettingError,
    StreamBroken,
    TooSlow,
    Unreachable,
    WrongPath,
)
from lib.llm.client import (
    CONTEXT,
    Client,
    Endpoint,
    Event,
    Finished,
    Message,
    Model,
    Piece,
    Sampling,
    Tick,
    Trimmed,
    Waiting,
    same_model,
)
from lib.llm.faults import Asked
from lib.llm.models import read_models
from lib.llm.scripted import (
    MODELS,
    Drop,
    Reply,
    ScriptedUpstream,
    answer,
    chat_chunk,
    chat_stream,
    chunked,
    document,
    event,
    failure,
    head,
    plain,
    text_stream,
)
from lib.llm.wire import Call, pump
from lib.settings import Settings

CHAT, SQL = "qwen/qwen-2.5-7b-instruct", "snowflake/arctic-text2sql-r1-7b"
HELLO = (Message("user", "Hello"),)
PATIENCE = 10.0
USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}


def client(upstream: ScriptedUpstream, **settings: Any) -> Client:
    return Client(upstream.endpoint(), Settings(**settings))


def text_of(events: Iterable[Event]) -> str:
    return "".join(one.text for one in events if isinstance(one, Piece))


def end_of(events: Iterable[Event]) -> Finished:
    return next(one for one in events if isinstance(one, Finished))


def until_failure(events: Iterable[Event]) -> tuple[list[Event], AppError]:
    """What came before the failure, and the failure."""
    seen: list[Event] = []
    with pytest.raises(AppError) as caught:
        deque(map(seen.append, events))
    return seen, caught.value


# Streams


def finish(text: str = "Hi", reason: str = "stop") -> bytes:
    return event(chat_chunk(text)) + event(chat_chunk(reason=reason))


DONE = event("[DONE]")
LETTERS = event(chat_chunk()) + "data: {}\n\n".format(
    json.dumps(chat_chunk("مرحبا 你好 🎉"), ensure_ascii=False)
).encode("utf-8")

STREAMS: dict[str, tuple[Reply, str, str]] = {
    "pieces": (chat_stream("Hel", "lo"), "Hello", "stop"),
    "comments as keep-alive": (
        chunked(b": OPENROUTER PROCESSING\n\n", finish(), b": OPENROUTER PROCESSING\n\n", DONE),
        "Hi",
        "stop",
    ),
    "no blank after data:": (chunked(finish().replace(b"data: ", b"data:"), DONE), "Hi", "stop"),
    "CRLF": (chunked(finish().replace(b"\n", b"\r\n"), DONE), "Hi", "stop"),
    "usage in the last chunk": (
        chunked(finish(), event({"choices": [], "usage": USAGE}), DONE),
        "Hi",
        "stop",
    ),
    "ends without [DONE]": (chunked(finish()), "Hi", "stop"),
    "ends with the connection": ((head(200, "text/event-stream"), finish()), "Hi", "stop"),
    "last event without its empty line": (chunked(finish().removesuffix(b"\n\n")), "Hi", "stop"),
    "[DONE] without a reason": (chunked(event(chat_chunk("Hi")), DONE), "Hi", "stop"),
    "stopped by length": (chunked(finish(reason="length"), DONE), "Hi", "length"),
    "role first": (
        chunked(event({"choices": [{"delta": {"role": "assistant"}}]}), finish(), DONE),
        "Hi",
        "stop",
    ),
    "content null": (
        chunked(event({"choices": [{"delta": {"content": None}}]}), finish(), DONE),
        "Hi",
        "stop",
    ),
    "reasoning is left out": (
        chunked(event({"choices": [{"delta": {"reasoning": "Hm", "content": ""}}]}), finish(), DONE),
        "Hi",
        "stop",
    ),
    "several events in one chunk": (
        chunked(event(chat_chunk("H")) + event(chat_chunk("i")) + finish(""), DONE),
        "Hi",
        "stop",
    ),
    "one event over several data lines": (
        chunked(b'data: {"choices": [{"delta":\ndata: {"content": "Hi"}}]}\n\n', finish(""), DONE),
        "Hi",
        "stop",
    ),
    "cut at every byte": (
        chunked(*(LETTERS[at : at + 1] for at in range(len(LETTERS))), finish(""), DONE),
        "مرحبا 你好 🎉",
        "stop",
    ),
    "answer that is empty": (chunked(event(chat_chunk(reason="stop")), DONE), "", "stop"),
    "one JSON document": (
        document({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}], "usage": USAGE}),
        "Hi",
        "stop",
    ),
    "one JSON document as an event stream": (
        plain(200, '{"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}', "text/event-stream"),
        "Hi",
        "stop",
    ),
    "no content type": (
        (b"HTTP/1.1 200 OK\r\n\r\n", finish(), DONE),
        "Hi",
        "stop",
    ),
}


@pytest.mark.parametrize(("reply", "text", "reason"), STREAMS.values(), ids=STREAMS.keys())
def test_stream(reply: Reply, text: str, reason: str) -> None:
    with ScriptedUpstream([reply]) as upstream:
        events = list(client(upstream).chat(CHAT, HELLO))
    assert text_of(events) == text
    assert end_of(events).reason == reason
    assert isinstance(events[-1], Finished)


@pytest.mark.parametrize("stream", [True, False])
def test_text_completion(stream: bool) -> None:
    with ScriptedUpstream(otherwise=answer("SELECT 1")) as upstream:
        events = list(client(upstream).text(SQL, "-- one", stream=stream))
        assert upstream.posts[0].path == "/v1/completions"
    assert text_of(events) == "SELECT 1"
    assert end_of(events).completion_tokens == 2


def test_answer_that_is_no_stream() -> None:
    with ScriptedUpstream(otherwise=answer("Whole.")) as upstream:
        events = list(client(upstream).chat(CHAT, HELLO, stream=False))
    assert [one for one in events if not isinstance(one, Tick)][:1] == [Piece("Whole.")]
    assert end_of(events).estimated is False


def test_token_counts_are_the_endpoints_or_said_to_be_estimated() -> None:
    with ScriptedUpstream([chat_stream("Hi", usage=(30, 7)), chat_stream("Hi", usage=None)]) as upstream:
        counted = end_of(client(upstream).chat(CHAT, HELLO))
        guessed = end_of(client(upstream).chat(CHAT, HELLO))
    assert (counted.prompt_tokens, counted.completion_tokens, counted.estimated) == (30, 7, False)
    assert guessed.estimated
    assert guessed.prompt_tokens > 0
    assert guessed.completion_tokens > 0


def test_pieces_come_one_by_one_while_the_stream_is_open() -> None:
    go_on = Flag()
    with ScriptedUpstream([chat_stream("first", go_on, "second")]) as upstream:
        events = client(upstream).chat(CHAT, HELLO)
        assert next(one for one in events if isinstance(one, Piece)) == Piece("first")
        assert isinstance(next(events), Tick)
        go_on.set()
        assert text_of(events) == "second"


def test_times_of_an_answer_count_from_sending_it() -> None:
    with ScriptedUpstream([chat_stream(0.2, "a", 0.2, "b")]) as upstream:
        end = end_of(client(upstream).chat(CHAT, HELLO))
    assert 0.2 <= end.first_token_seconds <= end.seconds
    assert end.seconds >= 0.4


# Faults


@contextmanager
def speaking_for(host: str, monkeypatch: pytest.MonkeyPatch, *replies: Reply) -> Iterator[ScriptedUpstream]:
    """An upstream that every request to `http://host` ends at, as a proxy's would."""
    with ScriptedUpstream(replies) as upstream:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{upstream.port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield upstream


AGAIN = {"Retry_After": "0"}
LATER = {"Retry_After": "120"}
FAULTS: dict[str, tuple[tuple[Reply, ...], type[ModelError], str]] = {
    "401": ((failure(401, "Invalid key"),), KeyRefused, "did not accept the key (401)"),
    "402": ((failure(402, "Pay first"),), KeyRefused, "no credit left"),
    "403": ((failure(403, "Forbidden"),), KeyRefused, "does not allow this key"),
    "404 model": ((failure(404, "No such model"),), ModelNotFound, f"does not know the model {CHAT}"),
    "400 model": ((failure(400, "x is not a valid model ID"),), ModelNotFound, "does not know the model"),
    "400": ((failure(400, "top_k is unknown"),), EndpointFailed, "refused the request (400). It says: “top_k"),
    "429": ((failure(429, "Slow down"),), RateLimited, "does not say how long"),
    "429 wait too long": ((failure(429, "Slow down", **LATER),), RateLimited, "wait 120 seconds"),
    "429 wait a date": (
        (failure(429, "Slow down", Retry_After="Fri, 31 Dec 2100 23:59:59 GMT"),),
        RateLimited,
        "asks to wait",
    ),
    "429 three times": ((failure(429, "Slow down", **AGAIN),) * 3, RateLimited, "asks to wait 0 seconds"),
    "500": ((failure(500, "Oops"),), EndpointFailed, "an error of its own (500). It says: “Oops”"),
    "502 three times": ((failure(502, "Bad gateway"),) * 3, EndpointFailed, "did not get an answer"),
    "503": ((failure(503, "Busy"),), EndpointFailed, "overloaded or being serviced (503)"),
    "503 wait too long": ((failure(503, "Busy", **LATER),), EndpointFailed, "asks to wait 120 seconds (503)"),
    "504 three times": ((failure(504, "Slow"),) * 3, EndpointFailed, "waited too long for the model (504)"),
    "context too long": (
        (failure(400, "Too long", "context_length_exceeded"),) * 2,
        ContextTooLong,
        "do not fit the model's context",
    ),
    "error object in the stream": (
        (chunked(event({"error": {"code": 401, "message": "Key expired"}})),),
        KeyRefused,
        "did not accept the key (401). It says: “Key expired”",
    ),
    "error object without a code": (
        (chunked(event({"error": {"message": "Provider gone"}})),),
        EndpointFailed,
        "It says: “Provider gone”",
    ),
    "error object of vLLM": (
        (chunked(event({"object": "error", "message": "Out of blocks", "code": 500})),),
        EndpointFailed,
        "It says: “Out of blocks”",
    ),
    "error line of llama.cpp": (
        (chunked(b'error: {"code":500,"message":"Slot lost"}\n\n'),),
        EndpointFailed,
        "It says: “Slot lost”",
    ),
    "finish reason error": (
        (chunked(event(chat_chunk(reason="error"))),),
        EndpointFailed,
        "an error of its own",
    ),
    "error in a JSON answer": ((document({"error": "Down"}),), EndpointFailed, "It says: “Down”"),
    "error object first, 502 three times": (
        (chunked(event({"error": {"code": 502, "message": "Gone"}})),) * 3,
        EndpointFailed,
        "did not get an answer",
    ),
    "drop before the headers, three times": (((Drop(),),) * 3, StreamBroken, "before the answer began"),
    "drop before the first token, three times": (
        (chunked(event({"choices": [{"delta": {"role": "assistant"}}]}), 0.05, Drop()),) * 3,
        StreamBroken,
        "before the answer began",
    ),
    "drop mid-stream": (
        (chunked(event(chat_chunk("Hi")), 0.1, Drop()),),
        StreamBroken,
        "before the answer was complete",
    ),
    "chunked stream cut off": (
        (chunked(event(chat_chunk("Hi")), end=False),),
        StreamBroken,
        "before the answer was complete",
    ),
    "stream without a reason": (
        (chunked(event(chat_chunk("Hi"))),),
        StreamBroken,
        "before the answer was complete",
    ),
    "malformed JSON line": (
        (chunked(event('{"choices": [{"delta"')),),
        EndpointFailed,
        'sent a line that is not JSON: “{"choices"',
    ),
    "malformed JSON line in mid-answer": (
        (chunked(event(chat_chunk("Hi")), event("{,}")),),
        EndpointFailed,
        "not JSON",
    ),
    "malformed JSON document": ((plain(200, '{"choices": [', "application/json"),), EndpointFailed, "not JSON"),
    "JSON of another kind": ((document({"hello": "world"}),), EndpointFailed, "is not an answer of an OpenAI"),
    "events of another kind": ((chunked(event([1, 2])),), EndpointFailed, "is not an answer of an OpenAI"),
    "plain text": ((plain(200, "It works!"),), EndpointFailed, "not JSON: “It works!”"),
    "empty stream": ((chunked(),), EndpointFailed, "ended its answer before it wrote anything"),
    "empty stream with [DONE]": ((chunked(DONE),), EndpointFailed, "ended its answer before it wrote"),
    "no body": ((plain(200, ""),), EndpointFailed, "ended its answer before it wrote anything"),
    "HTML page": ((plain(200, "<!DOCTYPE html><p>Hi", "text/html"),), WrongPath, "a web page"),
    "HTML page with 500": ((plain(500, "<html>nginx</html>", "text/html"),), EndpointFailed, "web page instead"),
    "HTML page with 503": ((plain(503, "<html>nginx</html>", "text/html"),), EndpointFailed, "(503)"),
    "redirect": (
        (plain(307, "", Location="https://elsewhere.example/v1"),),
        EndpointFailed,
        "redirects to elsewhere.example",
    ),
    "not HTTP": (((b"SSH-2.0-OpenSSH_9.6\r\n",),) * 3, StreamBroken, "before the answer began"),
}


@pytest.mark.parametrize(("replies", "kind", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_fault_has_its_own_sentence(replies: tuple[Reply, ...], kind: type[ModelError], sentence: str) -> None:
    with ScriptedUpstream([*replies, answer("after")]) as upstream:
        asking = client(upstream, llm_at_once=1)
        seen, error = until_failure(asking.chat(CHAT, HELLO))
        assert len(upstream.posts) == len(replies)
        assert text_of(asking.chat(CHAT, HELLO)) == "after"  # the slot came back
    assert type(error) is kind
    assert sentence in error.detail
    assert error.detail.endswith((".", "”"))
    assert "\n" not in str(error)
    assert upstream.key not in "".join(str(one) for one in (error, *_causes(error)))
    assert text_of(seen) in ("", "Hi")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error := error and (error.__cause__ or error.__context__):
        yield error


def test_faults_are_told_apart() -> None:
    sentences = {name: row[2] for name, row in FAULTS.items() if not name.startswith(("4", "HTML"))}
    assert len(set(sentences.values())) >= 20


def test_pieces_before_the_fault_are_kept() -> None:
    with ScriptedUpstream([chunked(event(chat_chunk("Half")), 0.1, Drop())]) as upstream:
        seen, _ = until_failure(client(upstream).chat(CHAT, HELLO))
    assert text_of(seen) == "Half"


def test_missing_key_is_named() -> None:
    with ScriptedUpstream([failure(401, "No auth")]) as upstream:
        _, error = until_failure(Client(Endpoint.at(upstream.base_url), Settings()).chat(CHAT, HELLO))
        assert all("Authorization" not in one.headers for one in upstream.requests)
    assert "LLM_API_KEY is missing" in error.detail


@pytest.mark.parametrize(("status", "key"), [(401, "wrong"), (403, "wrong"), (401, "")], ids=["401", "403", "no key"])
def test_key_problem_of_the_customer_names_their_support(
    status: int, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = "llm.bayanatkom.com"
    with speaking_for(host, monkeypatch, failure(status, "No")) as upstream:
        _, error = until_failure(Client(Endpoint.at(f"http://{host}", key), Settings()).chat(CHAT, HELLO))
        assert upstream.posts[0].headers["Host"] == host
    assert type(error) is KeyRefused
    assert "support@bayanatkom.com" in error.hint


def test_other_endpoints_do_not_name_that_support() -> None:
    with ScriptedUpstream([failure(401, "No")]) as upstream:
        _, error = until_failure(client(upstream).chat(CHAT, HELLO))
    assert "bayanatkom" not in str(error)


def test_long_words_of_the_endpoint_are_one_short_line() -> None:
    with ScriptedUpstream([failure(500, "line\n\x1b[31mred\u202e " * 500)]) as upstream:
        _, error = until_failure(client(upstream).chat(CHAT, HELLO))
    assert len(error.detail) < 350
    assert error.detail.isprintable()


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_refused_connection_is_tried_three_times() -> None:
    endpoint = Endpoint.at(f"http://127.0.0.1:{unused_port()}")
    seen, error = until_failure(Client(endpoint, Settings()).chat(CHAT, HELLO))
    assert type(error) is Unreachable
    assert "refused the connection" in error.detail
    assert sum(isinstance(one, Waiting) for one in seen) == 2


def test_host_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    _, error = until_failure(Client(Endpoint.at("https://nobody.invalid"), Settings()).chat(CHAT, HELLO))
    assert type(error) is Unreachable
    assert "no name server knows" in error.detail


def test_tls_to_a_server_without_it() -> None:
    with ScriptedUpstream() as upstream:
        endpoint = Endpoint.at(f"https://127.0.0.1:{upstream.port}")
        _, error = until_failure(Client(endpoint, Settings()).chat(CHAT, HELLO))
    assert type(error) is Unreachable
    assert "TLS" in error.detail


SLOW: dict[str, tuple[Reply, type[ModelError], str]] = {
    "no headers": ((Flag(),), TooSlow, "did not begin to answer within 1 second"),
    "no first token": (chunked(Flag()), TooSlow, "did not begin to answer within 1 second"),
    "keep-alives only": (
        chunked(*(b": ping\n\n", 0.1) * 40),
        TooSlow,
        "did not begin to answer within 1 second",
    ),
    "headers byte by byte": (
        tuple(step for at in b"HTTP/1.1 200 OK\r\n" + b"x" * 99 for step in (bytes([at]), 0.1)),
        TooSlow,
        "did not begin to answer within 1 second",
    ),
    "silent in mid-answer": (
        chunked(event(chat_chunk("Hi")), Flag()),
        StreamBroken,
        "not complete after 1 second",
    ),
    "drips for ever": (
        chunked(*(event(chat_chunk("Hi")), 0.05) * 100),
        StreamBroken,
        "not complete after 1 second",
    ),
}


@pytest.mark.parametrize(("reply", "kind", "sentence"), SLOW.values(), ids=SLOW.keys())
def test_answer_that_takes_too_long_is_cut(reply: Reply, kind: type[ModelError], sentence: str) -> None:
    with ScriptedUpstream([reply]) as upstream:
        asking = client(upstream, llm_timeout_seconds=1)
        _, error = until_failure(asking.chat(CHAT, HELLO))
        assert upstream.posts[0].closed_by_client.wait(1.0)
    assert type(error) is kind
    assert sentence in error.detail


# Stop

SILENT: dict[str, Reply] = {
    "before the headers": (Flag(),),
    "before the first token": chunked(Flag()),
    "after the role": chunked(event({"choices": [{"delta": {"role": "assistant"}}]}), Flag()),
    "in mid-answer": chat_stream("Once upon", Flag()),
    "while it drips": chat_stream(*("word ", 0.05) * 200),
}


@pytest.mark.parametrize("reply", SILENT.values(), ids=SILENT.keys())
def test_stop_closes_the_connection_within_a_second(reply: Reply) -> None:
    with ScriptedUpstream([reply, answer("next")]) as upstream:
        asking = client(upstream, llm_at_once=1)
        events = asking.chat(CHAT, HELLO)
        next(events)
        (asked,) = upstream.wait_for(1)
        assert isinstance(next(events), Tick | Piece)
        stopped_at = time.monotonic()
        events.close()
        assert asked.closed_by_client.wait(PATIENCE)
        assert asked.closed_at is not None
        assert asked.closed_at - stopped_at < 1.0
        assert text_of(asking.chat(CHAT, HELLO)) == "next"


def test_exception_in_the_consumer_is_a_stop_too() -> None:
    with ScriptedUpstream([chat_stream("Once", Flag())]) as upstream:

        def consume() -> None:
            with closing(client(upstream).chat(CHAT, HELLO)) as events:
                for one in events:
                    if isinstance(one, Piece):
                        raise KeyError

        with pytest.raises(KeyError):
            consume()
        assert upstream.posts[0].closed_by_client.wait(1.0)


def test_answer_that_is_let_go_is_stopped() -> None:
    with ScriptedUpstream([chat_stream("Once", Flag())]) as upstream:
        events: Generator[Event, None, None] | None = client(upstream).chat(CHAT, HELLO)
        assert events
        next(events)
        upstream.wait_for(1)
        events = None
        assert upstream.posts[0].closed_by_client.wait(1.0)


def test_stop_while_others_are_ahead_sends_nothing() -> None:
    go_on = Flag()
    with ScriptedUpstream([chat_stream(go_on, "first")]) as upstream:
        asking = client(upstream, llm_at_once=1)
        first = asking.chat(CHAT, HELLO)
        next(first)
        upstream.wait_for(1)
        second = asking.chat(CHAT, HELLO)
        waiting = next(one for one in second if isinstance(one, Waiting))
        assert waiting.why.endswith(".")
        second.close()
        go_on.set()
        assert text_of(first) == "first"
        assert text_of(asking.chat(CHAT, HELLO)) == "A scripted answer."
        assert len(upstream.posts) == 2


def test_stop_while_waiting_to_try_again_sends_nothing_more() -> None:
    with ScriptedUpstream([failure(503, "Busy", Retry_After="25")]) as upstream:
        asking = client(upstream, llm_at_once=1)
        events = asking.chat(CHAT, HELLO)
        waiting = next(one for one in events if isinstance(one, Waiting))
        assert waiting.seconds >= 25
        assert "25 seconds" in waiting.why
        events.close()
        for reader in (one for one in enumerate_threads() if one.name == "bayan-llm"):
            reader.join(1.0)
            assert not reader.is_alive()
        assert text_of(asking.chat(CHAT, HELLO)) == "A scripted answer."
        assert len(upstream.posts) == 2


def test_stop_while_the_context_is_asked_for() -> None:
    with ScriptedUpstream(models=(Flag(),)) as upstream:
        events = client(upstream).chat(CHAT, HELLO)
        assert isinstance(next(events), Tick)
        (asked,) = upstream.requests
        events.close()
        assert asked.closed_by_client.wait(1.0)
        assert upstream.posts == []


# Retries


def test_retry_after_is_kept_to() -> None:
    with ScriptedUpstream([failure(429, "Slow", Retry_After="1"), chat_stream("Hi")]) as upstream:
        started = time.monotonic()
        events = list(client(upstream).chat(CHAT, HELLO))
        assert time.monotonic() - started >= 1.0
        assert len(upstream.posts) == 2
    assert text_of(events) == "Hi"
    assert any(isinstance(one, Waiting) for one in events)


def test_connection_lost_before_the_first_token_is_tried_again() -> None:
    with ScriptedUpstream([(Drop(),), chat_stream("Hi")]) as upstream:
        assert text_of(client(upstream).chat(CHAT, HELLO)) == "Hi"
        assert len(upstream.posts) == 2


def test_each_try_takes_its_turn_in_the_limits() -> None:
    with ScriptedUpstream([failure(502, "Bad")] * 3) as upstream:
        asking = client(upstream, llm_burst=3, llm_requests_per_second=0.5)
        asking.models()
        waits = [one for one in until_failure(asking.chat(CHAT, HELLO))[0] if isinstance(one, Waiting)]
        assert len(upstream.posts) == 3
    assert any("asking at the moment" in one.why for one in waits)


# Budget


def talk(turns: int) -> list[Message]:
    history = [Message("user" if at % 2 == 0 else "assistant", f"{at} " + "word " * 200) for at in range(2 * turns)]
    return [Message("system", "Be short."), *history, Message("user", "And now?")]


def sent(upstream: ScriptedUpstream, at: int = -1) -> list[dict[str, str]]:
    messages: list[dict[str, str]] = upstream.posts[at].body["messages"]
    return messages


def test_long_chat_loses_its_oldest_turns_and_says_so() -> None:
    messages = talk(60)
    with ScriptedUpstream() as upstream:
        events = list(client(upstream).chat(CHAT, messages))
        kept = sent(upstream)
        assert upstream.posts[0].body["max_tokens"] == 2048
    (trimmed,) = (one for one in events if isinstance(one, Trimmed))
    assert kept[0]["content"] == "Be short."
    assert kept[-1]["content"] == "And now?"
    assert len(kept) == len(messages) - trimmed.turns


def test_context_is_what_the_endpoint_says() -> None:
    small = document({"data": [{"id": "Qwen/Qwen2.5-7B-Instruct", "context_length": 2048}]})
    with ScriptedUpstream(models=small) as upstream:
        asking = client(upstream)
        assert asking.context_length(CHAT) == 2048
        list(asking.chat(CHAT, talk(20)))
        assert upstream.posts[0].body["max_tokens"] <= 1024
        assert len(sent(upstream)) < 12
        assert len(upstream.requests) == 2  # the list was asked for once


@pytest.mark.parametrize(
    "models",
    [
        failure(404, "None here"),
        failure(500, "Oops"),
        plain(200, "<html>", "text/html"),
        plain(200, "{"),
        document([1, None]),
        document({"data": [{"id": CHAT, "context_length": "big"}]}),
        document({"data": None}),
        (Drop(),),
        chunked(b'{"data"', end=False),
    ],
)
def test_context_is_the_default_when_the_endpoint_does_not_say(models: Reply) -> None:
    with ScriptedUpstream(models=models) as upstream:
        assert client(upstream).context_length(CHAT) == CONTEXT == 8192
        assert text_of(client(upstream).chat(CHAT, HELLO)) == "A scripted answer."
        assert len(upstream.requests) == 2


WORDINGS: dict[str, dict[str, Any]] = {
    "OpenAI": {
        "message": "This model's maximum context length is 4096 tokens. However, your messages resulted in "
        "9000 tokens. Please reduce the length of the messages.",
        "code": "context_length_exceeded",
    },
    "vLLM": {
        "message": "This model's maximum context length is 4096 tokens. However, you requested 9500 tokens "
        "(9000 in the messages, 500 in the completion). Please reduce the length.",
        "type": "BadRequestError",
        "code": 400,
    },
    "vLLM, newer": {
        "message": "'max_tokens' or 'max_completion_tokens' is too large: 2048. This model's maximum context "
        "length is 4096 tokens and your request has 9000 input tokens (2048 > 4096 - 9000).",
        "code": 400,
    },
    "OpenRouter": {
        "message": "This endpoint's maximum context length is 4096 tokens. However, you requested about 9500 "
        "tokens (9000 of text input, 500 in the output).",
        "code": 400,
    },
    "llama.cpp": {
        "message": "the request exceeds the available context size, try increasing it",
        "code": 400,
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 9000,
        "n_ctx": 4096,
    },
    "with commas": {"message": "maximum context length is 4,096 tokens, 9,000 in the messages", "code": 400},
}


@pytest.mark.parametrize("error", WORDINGS.values(), ids=WORDINGS.keys())
def test_context_too_long_shrinks_once_by_what_the_endpoint_says(error: dict[str, Any]) -> None:
    with ScriptedUpstream([document({"error": error}, 400), chat_stream("Hi")]) as upstream:
        asking = client(upstream)
        events = list(asking.chat(CHAT, talk(12)))
        first, second = upstream.posts
        assert asking.context_length(CHAT) == 4096
    assert text_of(events) == "Hi"
    assert len(second.body["messages"]) < len(first.body["messages"]) * 0.6
    assert second.body["messages"][0] == first.body["messages"][0]
    assert second.body["messages"][-1] == first.body["messages"][-1]
    trimmed = [one for one in events if isinstance(one, Trimmed)]
    assert trimmed[-1].turns == len(talk(12)) - len(second.body["messages"])


def test_context_too_long_for_a_raw_prompt_shrinks_the_answer_only() -> None:
    said = "maximum context length is 8192 tokens. However, you requested 8300 tokens (4300 in the prompt"
    with ScriptedUpstream([failure(400, said), text_stream("SELECT")]) as upstream:
        list(client(upstream).text(SQL, "word " * 3000, Sampling(max_tokens=4096)))
        first, second = upstream.posts
    assert second.body["prompt"] == first.body["prompt"]
    assert second.body["max_tokens"] + 4300 <= 8192 < first.body["max_tokens"] + 4300


def test_context_too_long_twice_is_told() -> None:
    with ScriptedUpstream([failure(400, "maximum context length is 4096 tokens")] * 2) as upstream:
        _, error = until_failure(client(upstream).chat(CHAT, talk(12)))
        assert len(upstream.posts) == 2
    assert type(error) is ContextTooLong
    assert error.hint


def test_question_that_cannot_fit_is_not_sent() -> None:
    with ScriptedUpstream() as upstream:
        _, error = until_failure(client(upstream).chat(CHAT, [Message("user", "word " * 50_000)]))
        assert upstream.posts == []
    assert type(error) is ContextTooLong


def test_body_above_50_mb_is_not_sent() -> None:
    vast = document({"data": [{"id": CHAT, "context_length": 10**9}]})
    with ScriptedUpstream(models=vast) as upstream:
        _, error = until_failure(client(upstream).text(CHAT, " " * (51 * 1024 * 1024)))
        assert upstream.posts == []
    assert type(error) is BadParameter
    assert "50 MB" in error.detail


# What is sent


def test_only_the_named_parameters_are_sent() -> None:
    with ScriptedUpstream() as upstream:
        list(client(upstream).chat(CHAT, HELLO))
        list(client(upstream).text(SQL, "x", Sampling(0.0, 1.0, 99, ("</answer>",)), stream=False))
        chat, text = (one.body for one in upstream.posts)
    assert chat == {
        "model": CHAT,
        "messages": [{"role": "user", "content": "Hello"}],
        "max_tokens": 2048,
        "temperature": 0.7,
        "top_p": 0.9,
        "stream": True,
    }
    assert text == {
        "model": SQL,
        "prompt": "x",
        "max_tokens": 99,
        "temperature": 0.0,
        "top_p": 1.0,
        "stream": False,
        "stop": ["</answer>"],
    }


def test_answer_is_not_to_be_compressed() -> None:
    with ScriptedUpstream() as upstream:
        list(client(upstream).chat(CHAT, HELLO))
        assert upstream.posts[0].headers["Accept-Encoding"] == "identity"


def test_usage_of_a_stream_is_asked_for_only_where_that_is_understood() -> None:
    listed = {"id": CHAT, "supported_parameters": ["stream_options"]}
    with ScriptedUpstream(models=document({"data": [listed]})) as upstream:
        list(client(upstream).chat(CHAT, HELLO))
        list(client(upstream).chat("other", HELLO))
        list(Client(replace(upstream.endpoint(), builtin=True), Settings()).chat("other", HELLO))
        asked = ["stream_options" in one.body for one in upstream.posts]
    assert asked == [True, False, True]


BAD_SAMPLING: dict[str, dict[str, Any]] = {
    "temperature below": {"temperature": -0.1},
    "temperature above": {"temperature": 2.1},
    "temperature not a number": {"temperature": float("nan")},
    "top_p zero": {"top_p": 0.0},
    "top_p above": {"top_p": 1.1},
    "top_p not a number": {"top_p": float("nan")},
    "max_tokens zero": {"max_tokens": 0},
    "max_tokens above": {"max_tokens": 4097},
    "max_tokens broken": {"max_tokens": 1.5},
    "max_tokens not a number": {"max_tokens": float("nan")},
    "max_tokens endless": {"max_tokens": float("inf")},
    "stop empty": {"stop": ("",)},
    "stop one text": {"stop": "END"},
}


@pytest.mark.parametrize("given", BAD_SAMPLING.values(), ids=BAD_SAMPLING.keys())
def test_parameter_out_of_range_is_refused_with_a_sentence(given: dict[str, Any]) -> None:
    with pytest.raises(BadParameter) as caught:
        Sampling(**given)
    assert caught.value.detail.endswith(".")


@pytest.mark.parametrize("given", [{"temperature": 0.0}, {"temperature": 2}, {"top_p": 1}, {"max_tokens": 4096}])
def test_parameter_at_its_limit_is_taken(given: dict[str, Any]) -> None:
    Sampling(**given)


# Models


def test_models_are_read_in_openrouters_schema() -> None:
    with ScriptedUpstream() as upstream:
        first, _ = client(upstream).models()
    listed = MODELS[0]
    assert (first.id, first.canonical_slug, first.name) == (CHAT, CHAT, listed["name"])
    assert first.description == listed["description"]
    assert first.context_length == 8192
    assert (first.input_modalities, first.tokenizer) == (("text",), "Qwen")
    assert first.pricing == {"prompt": "0", "completion": "0"}
    assert first.supported_parameters == tuple(listed["supported_parameters"])


@pytest.mark.parametrize("field", [name for name in MODELS[0] if name != "id"])
@pytest.mark.parametrize("value", ["missing", None, 7, "text", [], {}])
def test_models_live_without_any_field(field: str, value: object) -> None:
    entry = {**MODELS[0], field: value}
    if value == "missing":
        del entry[field]
    (model,) = read_models({"data": [entry]})
    assert model.id == CHAT


def test_models_of_other_servers() -> None:
    listed = [{"id": "a", "max_model_len": 4096}, {"id": "b", "meta": {"n_ctx": 512}}, {"name": "no id"}, 7]
    with ScriptedUpstream(models=document({"data": listed})) as upstream:
        assert client(upstream).models() == (Model("a", context_length=4096), Model("b", context_length=512))


def test_models_that_cannot_be_had_are_an_error() -> None:
    with ScriptedUpstream(models=failure(401, "No")) as upstream, pytest.raises(KeyRefused):
        client(upstream).models()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("qwen/qwen-2.5-7b-instruct", "Qwen/Qwen2.5-7B-Instruct", True),
        ("snowflake/arctic-text2sql-r1-7b", "Snowflake/Arctic-Text2SQL-R1-7B", True),
        ("qwen/qwen-2.5-7b-instruct", "qwen/qwen-2.5-72b-instruct", False),
        ("", "", False),
        ("", "a", False),
    ],
)
def test_two_spellings_of_one_model(one: str, other: str, same: bool) -> None:
    assert same_model(one, other) is same


# The endpoint's address

ADDRESSES = {
    "https://llm.bayanatkom.com": "https://llm.bayanatkom.com/v1",
    "https://llm.bayanatkom.com/": "https://llm.bayanatkom.com/v1",
    "https://llm.bayanatkom.com/v1": "https://llm.bayanatkom.com/v1",
    " https://LLM.Bayanatkom.com/v1// ": "https://llm.bayanatkom.com/v1",
    "https://openrouter.ai/api/v1": "https://openrouter.ai/api/v1",
    "https://host.example/a/b/c/": "https://host.example/a/b/c",
    "http://localhost:11434": "http://localhost:11434/v1",
    "http://[::1]:8080/v1": "http://[::1]:8080/v1",
}


@pytest.mark.parametrize(("given", "expected"), ADDRESSES.items())
def test_address_is_taken_as_people_write_it(given: str, expected: str) -> None:
    assert Endpoint.at(given).base_url == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "llm.bayanatkom.com",
        "localhost:11434",
        "ftp://host.example",
        "file:///etc/passwd",
        "https://",
        "https:///v1",
        "https://user:sekret@host.example",
        "https://sekret@host.example",
        "https://host.example/v1?key=sekret",
        "https://host.example/v1#sekret",
        "https://host.example:port",
        "https://host.example:99999",
        "https://host.example:0",
        "https://[::1",
        "https://host.example/v1\r\nX: sekret",
        "https://host name.example",
        "https://host.example\\@evil.example",
    ],
)
def test_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SettingError) as caught:
        Endpoint.at(address)
    assert "sekret" not in str(caught.value)


def test_name_of_an_endpoint_is_its_host() -> None:
    assert Endpoint.at("https://llm.bayanatkom.com").name == "llm.bayanatkom.com"
    assert Endpoint.at("http://localhost:11434/v1").name == "localhost:11434"
    assert Endpoint.at("http://127.0.0.1:8080", builtin=True).name == "built-in model"


# The key


def test_key_goes_to_the_endpoint_as_a_bearer_token() -> None:
    with ScriptedUpstream() as upstream:
        asking = client(upstream)
        list(asking.chat(CHAT, HELLO))
        asking.models()
        assert {one.headers["Authorization"] for one in upstream.requests} == {f"Bearer {upstream.key}"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_key_is_not_sent_along_a_redirect(status: int) -> None:
    with ScriptedUpstream() as other:
        target = other.base_url.replace("127.0.0.1", "localhost")
        away = plain(status, "", Location=f"{target}/chat/completions")
        with ScriptedUpstream([away], models=away) as upstream:
            asking = client(upstream)
            _, error = until_failure(asking.chat(CHAT, HELLO))
            with pytest.raises(EndpointFailed):
                asking.models()
        assert other.requests == []
    assert "redirects to localhost" in error.detail
    assert upstream.key not in str(error)


@pytest.mark.parametrize("key", ["the-key", ""])
def test_netrc_does_not_put_another_password_in_its_place(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login someone password something\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with speaking_for("host.example", monkeypatch) as upstream:
        list(Client(Endpoint.at("http://host.example", key), Settings()).chat(CHAT, HELLO))
        given = [one.headers.get("Authorization") for one in upstream.requests]
    assert set(given) == {f"Bearer {key}" if key else None}


def test_loopback_endpoint_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with speaking_for("proxy", monkeypatch) as proxy, ScriptedUpstream() as upstream:
        list(client(upstream).chat(CHAT, HELLO))
        assert len(upstream.posts) == 1
        assert proxy.requests == []


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_key_that_the_endpoint_echoes_is_not_shown(status: int) -> None:
    with ScriptedUpstream(models=document({"data": []})) as upstream:
        echo = failure(status, f"key {upstream.key} of Bearer {upstream.key}. " * 3)
        with ScriptedUpstream([echo]) as echoing:
            endpoint = Endpoint.at(echoing.base_url, upstream.key)
            _, error = until_failure(Client(endpoint, Settings()).chat(CHAT, HELLO))
    assert upstream.key not in repr(error) + str(error)
    assert upstream.key[:-4] not in str(error)


def test_key_is_in_no_repr() -> None:
    endpoint = Endpoint.at("https://host.example", "sekret-key")
    assert "sekret" not in repr(endpoint) + repr(Client(endpoint, Settings(llm_api_key="sekret-key")))


@pytest.mark.parametrize("level", ["DEBUG"])
def test_key_is_in_no_log_and_no_exception(level: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(level)
    with ScriptedUpstream([(Drop(),)] * 3) as upstream:
        _, error = until_failure(client(upstream).chat(CHAT, HELLO))
    assert caplog.records
    assert upstream.key not in caplog.text
    for one in (error, *_causes(error)):
        assert upstream.key not in repr(one) + repr(vars(getattr(one, "request", None) or object))


@pytest.mark.parametrize("key", ["line\nend", "carriage\rreturn", "blank between", "schlüssel", "ключ", "\x00"])
def test_key_that_no_header_can_hold_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(SettingError) as caught:
        Endpoint.at("https://host.example", key)
    assert key not in str(caught.value)


def test_blanks_around_a_key_are_cut() -> None:
    assert Endpoint.at("https://host.example", " the-key\n").api_key == "the-key"


# Everybody together


def test_many_at_once_stay_within_the_limit_and_all_get_their_answer() -> None:
    go_on, told = Flag(), [Flag() for _ in range(12)]
    answers: dict[int, str] = {}

    def ask(asking: Client, number: int) -> None:
        events = []
        for one in asking.chat(CHAT, [Message("user", f"number {number}")]):
            events.append(one)
            if isinstance(one, Waiting):
                told[number].set()
        answers[number] = text_of(events)

    def reply(asked: Any) -> Reply:
        return chat_stream(go_on, asked.body["messages"][0]["content"])

    with ScriptedUpstream(otherwise=reply) as upstream:
        asking = client(upstream, llm_at_once=4)
        asking.models()
        people = [Thread(target=ask, args=(asking, number)) for number in range(12)]
        for at, one in enumerate(people):
            one.start()
            if at < 4:
                upstream.wait_for(at + 1)
        assert all(one.wait(PATIENCE) for one in told[4:])
        assert len(upstream.posts) == 4
        go_on.set()
        for one in people:
            one.join(PATIENCE)
    assert answers == {number: f"number {number}" for number in range(12)}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_bug_in_the_reading_thread_does_not_look_like_an_answer() -> None:
    readers: list[Thread] = []

    def broken(call: Call) -> None:
        readers.append(current_thread())
        raise ZeroDivisionError

    with pytest.raises(RuntimeError):
        list(pump(Asked(Endpoint.at("https://host.example")), broken))
    readers[0].join(PATIENCE)
