"""What the app and a worker say to each other: a job one way, frames the other.

A frame is its length (8 bytes, big-endian) and its bytes. A worker sends `READY` when it can take a job, while a
query takes long how far it is (JSON), and then for a result: a header (JSON), the rows (an Arrow IPC stream), a tail
(JSON); for an error: a header alone.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from lib.errors import QueryError

READY = b"ready"
PROGRESS = "progress"


@dataclass(frozen=True)
class Job:
    """One query and its limits: seconds, MB of memory, rows, MB of result."""

    database: str
    sql: str
    timeout: float
    memory_mb: int
    max_rows: int
    result_mb: int


def send_job(pipe: BinaryIO, job: Job) -> None:
    send_json(pipe, asdict(job))


def receive_job(pipe: BinaryIO) -> Job | None:
    """Wait for the job; None when the app has ended instead."""
    frame = receive(pipe, at_most=1 << 30)
    return None if frame is None else Job(**json.loads(frame))


def send(pipe: BinaryIO, frame: bytes | memoryview) -> None:
    pipe.write(len(frame).to_bytes(8, "big"))
    pipe.write(frame)
    pipe.flush()


def send_json(pipe: BinaryIO, value: dict[str, Any]) -> None:
    send(pipe, json.dumps(value).encode())


def send_error(pipe: BinaryIO, e: QueryError) -> None:
    send_json(pipe, {"error": type(e).__name__, "detail": e.detail, "hint": e.hint})


def receive(pipe: BinaryIO, *, at_most: int) -> bytes | None:
    """The next frame; None when the other side ended before it was complete. Raises FrameTooBig."""
    head = pipe.read(8)
    if len(head) < 8:
        return None
    length = int.from_bytes(head, "big")
    if length > at_most:
        raise FrameTooBig
    frame = pipe.read(length)
    return frame if len(frame) == length else None


class FrameTooBig(Exception):
    """A frame is longer than the reader wants to hold."""
