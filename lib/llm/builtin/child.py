"""The process that serves a model: llama.cpp's own server on loopback, behind a key.

Started as a script by serve.py, so it needs nothing but the runtime. Its configuration is one JSON line on standard
input, its answer one JSON line on standard output. It lives until standard input ends, which happens in whatever way
the parent dies.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from typing import Any

PROMPT_CACHE_MB = 256
"""llama.cpp would keep up to 8 GB of old prompts."""


def main() -> None:
    report = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # only our own line may reach the parent, whatever the runtime prints
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, whose end ends this process
    configuration = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server = _start(configuration)
    report.write(json.dumps({"address": server.listening_address}) + "\n")
    report.flush()
    threading.Event().wait()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def _start(configuration: dict[str, Any]) -> Any:
    from xllamacpp import CommonParams, Server

    params = CommonParams()
    params.model.path = configuration["model"]
    params.model_alias = {configuration["alias"]}
    params.n_parallel = configuration["slots"]
    params.n_ctx = configuration["context"] * configuration["slots"]  # llama.cpp divides it by the slots
    params.cpuparams.n_threads = configuration["answer_threads"]
    params.cpuparams_batch.n_threads = configuration["prompt_threads"]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [configuration["key"]]
    params.cors_origins = ""
    params.ui = params.endpoint_slots = False
    params.verbosity = 0
    params.cache_ram_mib = PROMPT_CACHE_MB
    return Server(params)


if __name__ == "__main__":
    main()
