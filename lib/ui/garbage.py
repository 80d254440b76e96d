"""What the garbage collector looks at after each run of a page."""

from __future__ import annotations

import atexit
import gc
import sys

_WORTH_IT = 50
"""So many modules more since the last time make it worth to look through everything once."""

_seen = 0

atexit.register(gc.unfreeze)  # or libraries take what is still frozen at the end for lost


def leave_modules_alone() -> None:
    """Take what the loaded modules hold out of the garbage collector's sight. Called first in every run.

    Streamlit collects all garbage after every run (`runner.postScriptGC`), which takes 0.1 s with the modules of a
    chart loaded, while every other visitor's page waits for the interpreter too.
    """
    global _seen
    if len(sys.modules) - _seen < _WORTH_IT:
        return
    _seen = len(sys.modules)
    gc.unfreeze()  # what has become garbage since then is found now
    gc.collect()
    gc.freeze()
