"""What every child process gets of the app's environment: enough for Python to start, and no key."""

from __future__ import annotations

import os
import sys

from lib.settings import PROJECT

_INHERITED = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH")


def bare_environment() -> dict[str, str]:
    """The environment for a child that imports what this process can import, whatever its folder is."""
    given = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**given, "PYTHONPATH": os.pathsep.join([str(PROJECT), *(one for one in sys.path if one)])}
