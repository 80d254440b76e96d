"""A browser's tab without a browser: the websocket that Streamlit speaks, as far as asking needs it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import NewSession
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

SECONDS = 30.0


class Tab:
    """One page, open. `leave` closes it as a click does, `vanish` as a cable that is pulled."""

    def __init__(self, url: str, page: str) -> None:
        host = urlsplit(url).netloc
        connecting = connect(
            f"ws://{host}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            origin=Origin(url),
            max_size=None,
        )
        self._open = ExitStack()
        self._socket = self._open.enter_context(connecting)
        self._page = page
        self._box = ""
        self.session = ""
        self.texts: list[str] = []
        """All that was written on the page since it ran last."""
        self.run()
        self.until_finished()

    def run(self, question: str = "") -> None:
        """Let the page run, with a question in its box if one is given."""
        message = BackMsg()
        message.rerun_script.page_name = self._page
        if question:
            box = message.rerun_script.widget_states.widgets.add(id=self._box)
            box.chat_input_value.data = question
        self.texts.clear()
        self._socket.send(message.SerializeToString())

    def until_finished(self) -> None:
        """Take in what the page shows until its script ends."""
        self._read(lambda message: message.WhichOneof("type") == "script_finished" and not self._more(message))

    def until_shown(self, text: str) -> None:
        """Take in what the page shows until this is on it."""
        self._read(lambda _: any(text in one for one in self.texts))

    def leave(self) -> None:
        self._open.close()

    def vanish(self) -> None:
        self._socket.socket.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def _read(self, over: Callable[[ForwardMsg], bool]) -> None:
        end = time.monotonic() + SECONDS
        while True:
            assert time.monotonic() < end, self.texts
            message = ForwardMsg.FromString(self._socket.recv(timeout=SECONDS, decode=False))
            self._take(message)
            if over(message):
                return

    def _more(self, message: ForwardMsg) -> bool:
        """Whether the script only makes room for another run of itself."""
        return message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _take(self, message: ForwardMsg) -> None:
        if message.HasField("new_session"):
            new: NewSession = message.new_session
            self.session = new.initialize.session_id
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "chat_input":
                self._box = element.chat_input.id
            case "markdown":
                self.texts.append(element.markdown.body)
            case "alert":
                self.texts.append(element.alert.body)
            case "metric":
                self.texts.append(element.metric.body)
            case "code":
                self.texts.append(element.code.code_text)
