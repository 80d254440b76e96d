"""What Bayan's client costs over a bare `requests` stream to the same scripted upstream."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator

import requests

from lib.llm.client import Client, Message, Piece
from lib.llm.scripted import Reply, ScriptedUpstream, chat_stream
from lib.settings import Settings

MODEL = "qwen/qwen-2.5-7b-instruct"
QUESTION = "Why is the sky blue?"
TOKENS, PAUSE, ROUNDS, RUNS = 2000, 0.002, 20, 3

Stream = Callable[[], Iterator[str]]


def measure() -> dict[str, float]:
    """Medians: milliseconds from submitting to the first token, and tokens a second over 2,000 tokens.

    Paced is an upstream with two milliseconds between its tokens, unpaced one that sends as fast as it can.
    """
    settings = Settings(llm_requests_per_second=1000, llm_burst=1000)
    with ScriptedUpstream(otherwise=chat_stream("one", "two")) as upstream:
        client, bare = _medians(upstream, settings, _first, ROUNDS)
    found = {
        "first_token_client_ms": client * 1000,
        "first_token_bare_ms": bare * 1000,
        "first_token_more_ms": (client - bare) * 1000,
    }
    for name, pause in (("paced", PAUSE), ("unpaced", 0.0)):
        with ScriptedUpstream(otherwise=_long(pause)) as upstream:
            client, bare = _medians(upstream, settings, _whole, RUNS)
        found[f"{name}_client_tokens_per_s"] = TOKENS / client
        found[f"{name}_bare_tokens_per_s"] = TOKENS / bare
        found[f"{name}_ratio"] = bare / client
    return found


def _medians(
    upstream: ScriptedUpstream, settings: Settings, timed: Callable[[Stream], float], rounds: int
) -> tuple[float, float]:
    """Seconds of the client and of the bare stream, taken in turns so that other load falls on both."""
    ours, bare = _ours(upstream, settings), _bare(upstream)
    _first(ours)  # the list of models is asked for once in a process
    pairs = [(timed(ours), timed(bare)) for _ in range(rounds)]
    client, plain = zip(*pairs, strict=True)
    return statistics.median(client), statistics.median(plain)


def _long(pause: float) -> Reply:
    return chat_stream(*[step for _ in range(TOKENS) for step in ("word ", pause)[: 2 if pause else 1]])


def _ours(upstream: ScriptedUpstream, settings: Settings) -> Stream:
    client = Client(upstream.endpoint(), settings)

    def stream() -> Iterator[str]:
        for event in client.chat(MODEL, [Message("user", QUESTION)]):
            if isinstance(event, Piece):
                yield event.text

    return stream


def _bare(upstream: ScriptedUpstream) -> Stream:
    url, headers = f"{upstream.base_url}/chat/completions", {"Authorization": f"Bearer {upstream.key}"}
    body = {"model": MODEL, "messages": [{"role": "user", "content": QUESTION}], "stream": True}

    def stream() -> Iterator[str]:
        with requests.post(url, json=body, headers=headers, stream=True, timeout=60) as response:
            # For a chunked stream, None is the quickest way: each chunk as it arrives.
            for line in response.iter_lines(chunk_size=None):
                if line.startswith(b"data: {"):
                    for choice in json.loads(line[6:])["choices"]:
                        if text := choice["delta"].get("content"):
                            yield text

    return stream


def _first(stream: Stream) -> float:
    started = time.perf_counter()
    pieces = stream()
    next(pieces)
    taken = time.perf_counter() - started
    for _ in pieces:
        pass
    return taken


def _whole(stream: Stream) -> float:
    started = time.perf_counter()
    count = sum(1 for _ in stream())
    assert count == TOKENS, f"{count} of {TOKENS} tokens came"
    return time.perf_counter() - started


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:<28} {value:10.2f}")
