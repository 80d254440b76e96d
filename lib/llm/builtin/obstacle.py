"""Why the built-in model cannot run on this machine, in one sentence, and the way out."""

from __future__ import annotations

from lib.errors import BuiltinError
from lib.llm.builtin import machine
from lib.llm.builtin.fetch import GB, no_disk
from lib.llm.builtin.files import MODEL, ModelFile, fetched_path, is_gguf, is_ready, model_path
from lib.settings import Settings

BESIDE_THE_FILE = 900_000_000
"""Bytes of memory besides the weights: context, prompt cache, buffers."""

_ELSEWHERE = "or set LLM_BASE_URL to a model that is served elsewhere."


def find_obstacle(settings: Settings, file: ModelFile = MODEL) -> BuiltinError | None:
    """The error that starting (or first fetching) the model would end in; None when nothing stands in its way."""
    if not machine.has_runtime():
        return BuiltinError(
            f"The built-in model's runtime ({machine.RUNTIME}) is not installed, or does not exist for this machine.",
            f"Run `pip install -r requirements.txt` {_ELSEWHERE}",
        )
    if settings.local_model_path:
        return _wrong_local_file(settings) or _no_memory(model_path(settings).stat().st_size)
    if not is_ready(settings, file) and (obstacle := no_disk(fetched_path(settings, file).absolute(), file)):
        return obstacle
    return _no_memory(file.size)


def _wrong_local_file(settings: Settings) -> BuiltinError | None:
    way_out = "Correct LOCAL_MODEL_PATH, or remove it to use Bayan's own model."
    if not model_path(settings).is_file():
        return BuiltinError("LOCAL_MODEL_PATH does not name a file.", way_out)
    if not is_gguf(model_path(settings)):
        return BuiltinError("The file that LOCAL_MODEL_PATH names is not a GGUF model, or cannot be read.", way_out)
    return None


def _no_memory(file_size: int) -> BuiltinError | None:
    needed, free = file_size + BESIDE_THE_FILE, machine.free_memory()
    if needed <= free:
        return None
    return BuiltinError(
        f"The model needs about {needed / GB:,.1f} GB of free memory, and there are {free / GB:,.1f} GB.",
        f"Close other programs, {_ELSEWHERE}",
    )
