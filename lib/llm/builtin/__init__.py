"""The built-in model: a small Qwen that makes the whole product work with no key.

    obstacle(settings)     why it cannot run here, or ""
    start_fetch(settings)  download its file in the background -> Fetch; current_fetch() is the last one
    is_ready(settings)     whether its file is here, verified
    begin(settings)        start it -> Serving, which says when it answers and where
    serve(settings)        the same, waiting -> Endpoint
    state(settings)        absent, downloading, ready, starting or serving, and its memory
    remove(settings)       delete its file

Everything can be imported and called where the runtime is missing; `obstacle` then says so.
"""

from __future__ import annotations

from lib.errors import BuiltinError
from lib.llm.builtin.fetch import Fetch, Progress, current_fetch, start_fetch
from lib.llm.builtin.files import MODEL, MODEL_ID, ModelFile, fetched_path, is_ready, model_path
from lib.llm.builtin.obstacle import find_obstacle
from lib.llm.builtin.serve import Serving, begin, serve, serves, serving, stop
from lib.llm.builtin.state import State, state
from lib.settings import Settings

__all__ = [
    "MODEL",
    "MODEL_ID",
    "Fetch",
    "ModelFile",
    "Progress",
    "Serving",
    "State",
    "begin",
    "current_fetch",
    "is_ready",
    "model_path",
    "obstacle",
    "remove",
    "serve",
    "serving",
    "start_fetch",
    "state",
    "stop",
]


def obstacle(settings: Settings, file: ModelFile = MODEL) -> str:
    """Why the model cannot run on this machine and what to do instead; "" when it can, or does already."""
    found = None if serves(settings) else find_obstacle(settings, file)
    return "" if found is None else str(found)


def remove(settings: Settings, file: ModelFile = MODEL) -> bool:
    """Stop the model and delete what was fetched of it; returns whether there was something.

    A file named by LOCAL_MODEL_PATH is never deleted. Raises BuiltinError when the system does not let go of it.
    """
    if (fetch := current_fetch()) is not None:
        fetch.cancel()
        fetch.wait()
    stop()
    complete = fetched_path(settings, file)
    found = [one for one in (complete, complete.with_name(complete.name + ".part")) if one.exists()]
    try:
        for one in found:
            one.unlink()
    except OSError as e:
        raise BuiltinError(
            "The model's file could not be deleted.", "Stop other programs that use it, then try again."
        ) from e
    return bool(found)
