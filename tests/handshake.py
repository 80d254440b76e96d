"""A browser's connection to a real server with every header of one's own choosing, and what the page then shows."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

SECONDS = 60


@dataclass(frozen=True)
class Handshake:
    """How the connection is opened: the host that is named, where the page is from, and further headers.

    `{port}` in them is the server's. An `origin` of None is that of a page under the same name; an empty one is left
    out, as by what is no browser. `page` and `query` are the path and the parameters of the address.
    """

    host: str = "127.0.0.1"
    origin: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    page: str = "data"
    query: str = ""
    protocols: tuple[str, ...] = ("streamlit",)


def seen(port: int, shake: Handshake) -> str:
    """Everything that the server tells a browser which opens the page so; empty when it does not let it connect."""
    place = f"{shake.host}:{port}"
    origin = f"http://{place}" if shake.origin is None else shake.origin.format(port=port)
    told = []
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as wire:
        try:
            connection = connect(
                f"ws://{place}/_stcore/stream",
                sock=wire,
                origin=Origin(origin) if origin else None,
                additional_headers=dict(shake.headers),
                subprotocols=[Subprotocol(one) for one in shake.protocols],
                proxy=None,
                max_size=None,
                open_timeout=SECONDS,
            )
        except WebSocketException:
            return ""
        with connection as stream:
            ask = BackMsg()
            ask.rerun_script.page_name = shake.page
            ask.rerun_script.query_string = shake.query
            stream.send(ask.SerializeToString())
            message = ForwardMsg()
            while message.WhichOneof("type") != "script_finished" or message.script_finished != 0:
                message = ForwardMsg.FromString(_bytes(stream.recv(SECONDS)))
                told.append(str(message))
    return "\n".join(told)


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame
