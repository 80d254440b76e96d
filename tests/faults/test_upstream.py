"""What an endpoint can do to many people at once, and what it can lie about. Its other faults are in test_client.py."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from lib.errors import AppError, EndpointFailed, RateLimited, StreamBroken
from lib.llm.client import Client
from lib.llm.messages import Message, Piece
from lib.llm.scripted import Asked, Reply, ScriptedUpstream, chat_chunk, chat_stream, event, failure, head
from lib.settings import Settings

MODEL = "m"
PEOPLE = 30
RATE, BURST = 60.0, 25


def client(upstream: ScriptedUpstream) -> Client:
    given = Settings(llm_requests_per_second=RATE, llm_burst=BURST, llm_at_once=BURST, llm_timeout_seconds=20)
    return Client(upstream.endpoint(), given)


def said(asking: Client, question: str) -> str | AppError:
    try:
        return "".join(one.text for one in asking.chat(MODEL, [Message("user", question)]) if isinstance(one, Piece))
    except AppError as e:
        return e


def storm(upstream: ScriptedUpstream) -> list[str | AppError]:
    """What all the people get who ask at once; never more requests go out than the limits allow."""
    client(upstream).models()
    started, before = time.monotonic(), len(upstream.posts)
    with ThreadPoolExecutor(PEOPLE) as people:
        found = list(people.map(lambda number: said(client(upstream), f"question {number}"), range(PEOPLE)))
    assert len(upstream.posts) - before <= BURST + RATE * (time.monotonic() - started)
    return found


class Few:
    """Answers so many requests in half a second, and refuses the rest."""

    def __init__(self, count: int) -> None:
        self._count, self._lock = count, Lock()
        self._answered: deque[float] = deque()
        self.refused = 0

    def __call__(self, asked: Asked) -> Reply:
        with self._lock:
            now = time.monotonic()
            while self._answered and self._answered[0] < now - 0.5:
                self._answered.popleft()
            if len(self._answered) >= self._count:
                self.refused += 1
                return failure(429, "Slow down", Retry_After="0.5")
            self._answered.append(now)
        return chat_stream("To ", asked.body["messages"][0]["content"])


def test_a_storm_of_refusals_to_many_people_at_once_leaves_nobody_without_an_answer() -> None:
    """Who is refused waits as long as the endpoint wants, and the others do not run into the same wall meanwhile."""
    few = Few(5)
    with ScriptedUpstream(otherwise=few) as upstream:
        assert storm(upstream) == [f"To question {number}" for number in range(PEOPLE)]
    assert 0 < few.refused < PEOPLE + BURST


def test_an_endpoint_that_refuses_everybody_is_one_sentence_for_each_and_over_when_it_answers_again() -> None:
    refusing = failure(429, "Slow down", Retry_After="0.01")
    with ScriptedUpstream(
        otherwise=lambda asked: refusing if len(upstream.posts) <= 3 * PEOPLE else late(asked)
    ) as upstream:
        for one in storm(upstream):
            assert isinstance(one, RateLimited)
            assert "had too many requests" in one.detail
        assert len(upstream.posts) == 3 * PEOPLE
        assert storm(upstream) == [f"To question {number}" for number in range(PEOPLE)]


def late(asked: Asked) -> Reply:
    return chat_stream("To ", 0.05, asked.body["messages"][0]["content"])


STREAM = "text/event-stream"
HALF = event(chat_chunk("Half"))
WHOLE = HALF + event(chat_chunk(reason="stop")) + event("[DONE]")
CHUNKED = head(200, STREAM, Transfer_Encoding="chunked")
LIES: dict[str, tuple[Reply, str | type[AppError]]] = {
    "more than comes, the answer is whole": ((head(200, STREAM, Content_Length="9999"), WHOLE), "Half"),
    "more than comes, the answer is not": ((head(200, STREAM, Content_Length="9999"), HALF), StreamBroken),
    "less than comes": ((head(200, STREAM, Content_Length=str(len(HALF))), WHOLE), StreamBroken),
    "less than a document": ((head(200, Content_Length="9"), b'{"choices": []}'), EndpointFailed),
    "nothing": ((head(200, STREAM, Content_Length="0"), WHOLE), EndpointFailed),
    "below nothing": ((head(200, STREAM, Content_Length="-5"), WHOLE), "Half"),
    "no number": ((head(200, STREAM, Content_Length="many"), WHOLE), "Half"),
    "a chunk larger than it is": ((CHUNKED, b"ffff\r\n", HALF), StreamBroken),
    "a chunk without a size": ((CHUNKED, b"size\r\n", HALF), StreamBroken),
    "a chunk smaller than it is": ((CHUNKED, b"9\r\n", WHOLE), StreamBroken),
    "more than there is memory": ((head(200, STREAM, Content_Length="9" * 18), WHOLE), "Half"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_about_the_length(lie: str) -> None:
    reply, expected = LIES[lie]
    honest = Event()
    with ScriptedUpstream(otherwise=lambda _: chat_stream("Now it is true") if honest.is_set() else reply) as upstream:
        found = said(client(upstream), "Hello")
        honest.set()
        assert said(client(upstream), "Hello") == "Now it is true"
    if isinstance(expected, str):
        assert found == expected
    else:
        assert type(found) is expected, found
