"""A visitor without a browser: one websocket to a running app, which is drawn into nothing.

It speaks what Streamlit's own page speaks (the protobuf messages of its package), so a hundred of them cost little
more than the server's work for them.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

PATIENCE_SECONDS = 120.0
_TROUBLE = "error"


@dataclass
class Drawn:
    """What the runs since the last question drew: how long until they ended, and what stands out."""

    seconds: float = 0.0
    texts: list[str] = field(default_factory=list)
    tables: int = 0
    charts: int = 0
    errors: list[str] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    """When text came, on the clock time.monotonic()."""


class Visitor:
    """One session on one page. Use as an async context manager."""

    def __init__(self, url: str, page: str, query: str = "") -> None:
        self._url, self._page, self._query = url, page, query
        self._widgets: dict[str, str] = {}
        self._socket: ClientConnection | None = None

    async def __aenter__(self) -> Self:
        address = self._url.replace("http://", "ws://") + "/_stcore/stream"
        self._socket = await connect(address, subprotocols=["streamlit"], origin=self._url, max_size=None)  # type: ignore[arg-type,list-item]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._socket
        await self._socket.close()

    async def draw(self) -> Drawn:
        """Have the page drawn, as after a click that changes nothing."""
        return await self._run()

    async def ask(self, question: str) -> Drawn:
        """Type into the page's question box and wait until the answer is drawn."""
        state = WidgetState(id=self._widget("chat_input"))
        state.chat_input_value.data = question
        return await self._run(state)

    async def press(self, label: str) -> Drawn:
        """Press the button with this label."""
        return await self._run(WidgetState(id=self._widget(label), trigger_value=True))

    def _widget(self, name: str) -> str:
        return self._widgets[name]

    async def _run(self, *changed: WidgetState) -> Drawn:
        assert self._socket
        message = BackMsg()
        message.rerun_script.query_string, message.rerun_script.page_name = self._query, self._page
        message.rerun_script.widget_states.widgets.extend(changed)
        began, drawn = time.monotonic(), Drawn()
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self._take(await self._socket.recv(decode=False), drawn):
                pass
        drawn.seconds = time.monotonic() - began
        return drawn

    def _take(self, raw: bytes, drawn: Drawn) -> bool:
        """Note what came; True when the page is drawn and nothing more is under way."""
        message = ForwardMsg.FromString(raw)
        kind = message.WhichOneof("type")
        if kind == "script_finished":
            return bool(message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN)
        if kind != "delta" or message.delta.WhichOneof("type") != "new_element":
            return False
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "chat_input":
                self._widgets["chat_input"] = element.chat_input.id
            case "button":
                self._widgets[element.button.label] = element.button.id
            case "markdown":
                drawn.texts.append(element.markdown.body)
                drawn.arrivals.append(time.monotonic())
            case "arrow_data_frame":
                drawn.tables += 1
            case "plotly_chart":
                drawn.charts += 1
            case "exception":
                drawn.errors.append(element.exception.message)
            case "alert" if element.alert.format == element.alert.ERROR:
                drawn.errors.append(element.alert.body)
        return False
