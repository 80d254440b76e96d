"""A browser's part of a session, without a browser: the websocket, what is typed, and what is dropped on the page."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests
from google.protobuf import text_format
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

PATIENCE = 40.0


class Tab:
    """One tab on a page. What was drawn in it so far is `seen`, in the order in which it came."""

    def __init__(self, url: str, page: str, query: str = "", browser: requests.Session | None = None) -> None:
        self.url, self._page, self.query = url, page, query
        self.browser = browser or requests.Session()  # holds the cookies
        self.browser.get(f"{url}/_stcore/health", timeout=30).raise_for_status()
        self.seen: list[str] = []
        self._session, self._box, self._urls = "", "", ForwardMsg()
        self._held = ExitStack()
        open_socket = connect(
            f"ws://{urlsplit(url).netloc}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            origin=Origin(url),
            additional_headers={"Cookie": "; ".join(f"{one}={value}" for one, value in self.browser.cookies.items())},
            max_size=None,
        )
        self._socket = self._held.enter_context(open_socket)
        self._run(BackMsg())

    def ask(self, question: str) -> None:
        """Type into the page's box and send it."""
        self._send(question)

    def go(self, page: str) -> None:
        """Go to another page by a link."""
        self._page = page
        self._run(BackMsg())

    def shows(self, text: str) -> bool:
        """Whether the text was somewhere on the page so far."""
        return any(text in one for one in self.seen)

    def drop(self, name: str, content: bytes) -> None:
        """Drop a file on the page's box. Fails where the server does not take it."""
        self.wait(lambda: self._box)
        self._urls = ForwardMsg()
        message = BackMsg()
        message.file_urls_request.request_id = "1"
        message.file_urls_request.session_id = self._session
        message.file_urls_request.file_names.append(name)
        self._socket.send(message.SerializeToString())
        self.wait(lambda: self._urls.WhichOneof("type") == "file_urls_response")
        urls = self._urls.file_urls_response.file_urls[0]
        token = {"X-Xsrftoken": self.browser.cookies.get("_streamlit_xsrf") or ""}
        self.browser.put(
            self.url + urls.upload_url, files={"file": (name, content)}, headers=token, timeout=30
        ).raise_for_status()
        self._send("", name, len(content), urls.file_id)

    def until(self, text: str, seconds: float = PATIENCE) -> None:
        """Wait until the text is somewhere on the page."""
        self.wait(lambda: self.shows(text), seconds)

    def wait(self, true: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Take in what is drawn until `true()`. Raises TimeoutError; what the page showed is in it."""
        end = time.monotonic() + seconds
        while not true():
            try:
                self._take(self._socket.recv(max(0.0, end - time.monotonic())))
            except (TimeoutError, ConnectionClosed) as e:
                raise TimeoutError("".join(self.seen)[-3000:]) from e

    def close(self) -> None:
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, text: str, name: str = "", size: int = 0, file_id: str = "") -> None:
        self.wait(lambda: self._box)
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add(id=self._box)
        state.chat_input_value.data = text
        if name:
            state.chat_input_value.file_uploader_state.uploaded_file_info.add(name=name, size=size, file_id=file_id)
        self._run(message)

    def _run(self, message: BackMsg) -> None:
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = self._page
        self._socket.send(message.SerializeToString())

    def _take(self, raw: str | bytes) -> None:
        message = ForwardMsg()
        message.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
        match message.WhichOneof("type"):
            case "new_session":
                self._session = message.new_session.initialize.session_id
            case "file_urls_response":
                self._urls = message
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "delta":
                if message.delta.new_element.WhichOneof("type") == "chat_input":
                    self._box = message.delta.new_element.chat_input.id
                self.seen.append(text_format.MessageToString(message.delta, as_utf8=True))
