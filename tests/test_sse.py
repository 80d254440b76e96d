"""Server-sent events out of bytes, however they are cut."""

from __future__ import annotations

import pytest

from lib.llm.sse import MOST_BYTES, NotEvents, read_events

STREAMS: dict[str, tuple[bytes, list[str]]] = {
    "with a blank": (b"data: one\n\ndata: two\n\n", ["one", "two"]),
    "without a blank": (b"data:one\n\n", ["one"]),
    "only the first blank is cut": (b"data:  one\n\n", [" one"]),
    "CRLF": (b"data: one\r\n\r\ndata: two\r\n\r\n", ["one", "two"]),
    "CR alone": (b"data: one\r\rdata: two\r\r", ["one", "two"]),
    "several data lines": (b"data: one\ndata: two\n\n", ["one\ntwo"]),
    "comments": (b": PROCESSING\n\ndata: one\n: more\n\n:\n\n", ["one"]),
    "named events": (b"event: message\nid: 7\nretry: 10\ndata: one\n\n", ["one"]),
    "no empty line at the end": (b"data: one\n\ndata: two", ["one", "two"]),
    "letters of several bytes": ("data: مرحبا 你好 🎉\n\n".encode(), ["مرحبا 你好 🎉"]),
    "line ends of Unicode are text": ("data: a\u2028b\u0085c\n\n".encode(), ["a\u2028b\u0085c"]),
    "a broken byte": (b"data: a\xffb\n\n", ["a\ufffdb"]),
    "empty lines only": (b"\n\n\r\n\n", []),
    "nothing": (b"", []),
}


@pytest.mark.parametrize(("stream", "expected"), STREAMS.values(), ids=STREAMS.keys())
def test_stream_gives_the_same_events_wherever_it_is_cut(stream: bytes, expected: list[str]) -> None:
    cuts = [[stream]]
    cuts += [[stream[:at], stream[at:]] for at in range(1, len(stream))]
    cuts += [[stream[at : at + 1] for at in range(len(stream))]]
    for chunks in cuts:
        assert [event.value for event in read_events(chunks)] == expected


def test_event_is_given_as_soon_as_it_is_complete() -> None:
    taken: list[int] = []

    def chunks() -> object:
        for number in range(3):
            taken.append(number)
            yield b"data: %d\n\n" % number

    events = read_events(chunks())  # type: ignore[arg-type]
    assert next(events).value == "0"
    assert taken == [0]


def test_error_line_of_llama_cpp_is_an_event_of_its_own() -> None:
    events = list(read_events([b'data: a\n\nerror: {"code":500}\n\n']))
    assert [(one.field, one.value) for one in events] == [("data", "a"), ("error", '{"code":500}')]


@pytest.mark.parametrize("body", [b"<html>\n<body>", b"Internal Server Error", b'"text"\n'])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(NotEvents):
        list(read_events([body]))


def test_endless_line_is_refused_before_it_fills_the_memory() -> None:
    piece, sent = b"x" * 65536, 0

    def endless() -> object:
        nonlocal sent
        yield b"data: "
        while True:
            sent += len(piece)
            yield piece

    with pytest.raises(NotEvents):
        list(read_events(endless()))  # type: ignore[arg-type]
    assert sent <= 2 * MOST_BYTES
