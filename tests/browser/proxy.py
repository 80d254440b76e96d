"""A reverse proxy that adds one header to what it passes on, as the ones on the open internet do."""

from __future__ import annotations

import socket
from contextlib import closing, contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 65536


class _Server(ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def proxied(port: int, header: str) -> Iterator[str]:
    """The address of a proxy before the server at `port`; each connection's first request carries `header` on."""

    class Passing(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port))) as server:
                server.sendall(self.rfile.readline() + f"{header}\r\n".encode())
                back = Thread(target=_pour, args=(server, self.connection), daemon=True)
                back.start()
                while chunk := self.rfile.read1(CHUNK):
                    server.sendall(chunk)
                server.shutdown(socket.SHUT_WR)
                back.join()

    with _Server(("127.0.0.1", 0), Passing) as proxy:
        Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_address[1]}"
        proxy.shutdown()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(CHUNK):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
