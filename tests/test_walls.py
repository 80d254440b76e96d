"""The walls around a worker, each alone and all together: real attempts by real processes."""

from __future__ import annotations

import ctypes
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path
from typing import BinaryIO, cast

import duckdb
import pytest

from lib.children import bare_environment
from lib.engine.engine import Engine
from lib.engine.limits import limits
from lib.engine.wire import Job, send_job
from lib.settings import Settings
from tests.test_engine import workers

LINUX = sys.platform.startswith("linux")
pytestmark = pytest.mark.skipif(not LINUX, reason="walls of Linux")

NO_NETWORK = "walls.leave_network()"
NO_CALLS = "walls.refuse_calls()"
ONE_FILE = (
    "libc.prctl(38, 1, 0, 0, 0)  # no new privileges, which a worker's calls wall sees to\nwalls.see_only(sys.argv[1])"
)
LIMITS = "walls.limit(Job(sys.argv[1], '', 5, 64, 10, 1), 1)"

CONTAINER = """
import pyseccomp
container = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
for name in ("unshare", "landlock_create_ruleset", "seccomp"):
    container.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
container.add_rule(pyseccomp.ERRNO(errno.EPERM), "prctl", pyseccomp.Arg(0, pyseccomp.EQ, 22))
container.load()
"""

TRIES = """
import ctypes, errno, json, mmap, os, socket, sys, threading
from lib.engine import walls
from lib.engine.wire import Job

libc = ctypes.CDLL(None, use_errno=True)

def call(name, *given):
    if getattr(libc, name)(*given) == -1:
        raise OSError(ctypes.get_errno(), name)

def fork():
    if not os.fork():
        os._exit(0)

def thread():
    one = threading.Thread(target=lambda: None)
    one.start()
    one.join()

def connect():
    with socket.create_connection(("127.0.0.1", int(sys.argv[2])), timeout=5):
        pass

def write():
    with open("written", "wb") as file:
        file.write(b"x")

tries = {
    "read its own file": lambda: open(sys.argv[1], "rb").read(1),
    "start a thread": thread,
    "write to what is open": lambda: os.write(2, b"."),
    "read another file": lambda: open("/etc/passwd").read(1),
    "list a folder": lambda: os.listdir("/"),
    "write a file": write,
    "make a folder": lambda: os.mkdir("made"),
    "delete a file": lambda: os.unlink("there"),
    "rename a file": lambda: os.rename("there", "gone"),
    "connect": connect,
    "make a socket": lambda: socket.socket().close(),
    "make a local socket": lambda: socket.socket(socket.AF_UNIX).close(),
    "fork": fork,
    "spawn": lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0),
    "signal another process": lambda: os.kill(int(sys.argv[3]), 0),
    "trace another process": lambda: call("ptrace", 0x4206, int(sys.argv[3]), 0, 0),
    "have namespaces": lambda: call("unshare", 0x04000000),
    "take much memory": lambda: mmap.mmap(-1, 1 << 30).close(),
}

def tried():
    told = {}
    for name, act in tries.items():
        try:
            act()
            told[name] = ""
        except OSError as e:
            told[name] = errno.errorcode[e.errno]
    return told
"""

WORKER = """
from lib.engine import worker

class Spy:
    '''What the worker takes for its engine; when the job has come it tries to get out.'''

    def __init__(self):
        self._database = worker.prepared(threads=1)

    def __getattr__(self, name):
        return getattr(self._database, name)

    def execute(self, sql, *given):
        if sql.startswith("SET threads"):
            sys.stderr.write(json.dumps(tried()))
            sys.stderr.flush()
        return self._database.execute(sql, *given)

worker.main(Spy())
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("walls") / "x.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a")
    return path


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def tried(walls: str, database: Path, port: int, folder: Path) -> dict[str, str]:
    """What became of each attempt behind these walls: the name of the error, empty where it succeeded."""
    (folder / "there").touch()
    done = subprocess.run(
        [sys.executable, "-c", f"{TRIES}\n{walls}\nprint(json.dumps(tried()))", *args(database, port)],
        cwd=folder,
        env=bare_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, str] = json.loads(done.stdout)
    return told


def args(database: Path, port: int) -> list[str]:
    return [str(database), str(port), str(os.getpid())]


ALLOWED = ["read its own file", "start a thread", "write to what is open"]
HARMLESS = dict.fromkeys(ALLOWED, "")


def landlock() -> int:
    """The version that the kernel has; below 1 where it has none."""
    return int(ctypes.CDLL(None).syscall(444, None, 0, 1)) if LINUX else 0


def gives_namespaces() -> bool:
    flags = 0x50000000 if LINUX and os.getuid() else 0x40000000
    probe = f"import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare({flags}))"
    return LINUX and not subprocess.run([sys.executable, "-c", probe], check=False).returncode


needs_landlock = pytest.mark.skipif(landlock() < 1, reason="the kernel has no Landlock")
needs_namespaces = pytest.mark.skipif(not gives_namespaces(), reason="the system gives no namespaces")
needs_seccomp = pytest.mark.skipif(find_library("seccomp") is None, reason="the system has no libseccomp")


def test_without_walls_every_attempt_succeeds(database: Path, port: int, tmp_path: Path) -> None:
    told = tried("pass", database, port, tmp_path)
    may_be_forbidden = {"have namespaces", "trace another process"}
    # The file was deleted by the attempt before it.
    assert {name for name, what in told.items() if what} - may_be_forbidden == {"rename a file"}


@needs_namespaces
def test_no_network(database: Path, port: int, tmp_path: Path) -> None:
    told = tried(NO_NETWORK, database, port, tmp_path)
    assert told["connect"] == "ENETUNREACH"
    assert told.items() >= HARMLESS.items()


@needs_seccomp
def test_no_calls(database: Path, port: int, tmp_path: Path) -> None:
    refused = {
        *("connect", "make a socket", "make a local socket", "fork", "spawn"),
        *("trace another process", "have namespaces"),
    }
    told = tried(NO_CALLS, database, port, tmp_path)
    assert {name: told[name] for name in refused} == dict.fromkeys(refused, "EPERM")
    assert told.items() >= HARMLESS.items()


@needs_landlock
def test_one_file(database: Path, port: int, tmp_path: Path) -> None:
    refused = {"read another file", "list a folder", "write a file", "make a folder", "delete a file", "rename a file"}
    told = tried(ONE_FILE, database, port, tmp_path)
    assert {name: told[name] for name in refused} == dict.fromkeys(refused, "EACCES")
    assert told["spawn"] == "EACCES"
    assert told["connect"] or landlock() < 4
    assert told["signal another process"] == "EPERM" or landlock() < 6
    assert told.items() >= HARMLESS.items()


def test_limits(database: Path, port: int, tmp_path: Path) -> None:
    told = tried(LIMITS, database, port, tmp_path)
    assert (told["write a file"], told["take much memory"]) == ("EFBIG", "ENOMEM")
    assert told.items() >= HARMLESS.items() - {("write to what is open", "")}


@needs_seccomp
def test_a_worker_goes_on_where_a_container_forbids_them(database: Path, port: int, tmp_path: Path) -> None:
    told = tried("\n".join((CONTAINER, NO_NETWORK, NO_CALLS, ONE_FILE)), database, port, tmp_path)
    assert {told[name] for name in ("connect", "fork", "read another file", "write a file")} == {""}
    assert told.items() >= HARMLESS.items()


@needs_landlock
@needs_seccomp
def test_a_worker_has_all_of_them_before_it_looks_at_the_sql(database: Path, port: int, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    with subprocess.Popen(
        [sys.executable, "-c", f"{TRIES}\n{WORKER}", *args(database, port)],
        cwd=tmp_path,
        env=bare_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        send_job(cast(BinaryIO, process.stdin), Job(str(database), "SELECT a FROM t", 20, 256, 10, 1))
        answer, noise = process.stdout.read(), process.stderr.read()
    told = json.loads(noise.lstrip(b"."))
    assert {name for name, what in told.items() if not what} == set(ALLOWED)
    assert b'"columns": [["a", "INTEGER"]]' in answer


@needs_seccomp
def test_every_thread_of_a_worker_is_behind_them(database: Path) -> None:
    forever = "SELECT count(*) FROM range(1000000) a(x), range(1000000) b(y) WHERE x + y = -1"
    with Engine(database, Settings(query_timeout_seconds=20)) as engine, engine.start(forever) as query:
        while not (busy := [one for one in threads_of_workers() if len(one) > 2]):
            assert not query.wait(0.01)
        assert {("1", "2")} == {thread for threads in busy for thread in threads}


@needs_namespaces
def test_no_worker_has_a_network(database: Path) -> None:
    with Engine(database, Settings()) as engine:
        engine.run("SELECT 1")
        while not (found := workers()):  # the spares; they have ended when the next ones begin
            engine.run("SELECT 1")
        networks = {(one / "ns" / "net").readlink() for one in found.values()}
    assert Path("/proc/self/ns/net").readlink() not in networks


def threads_of_workers() -> list[list[tuple[str, str]]]:
    """For each worker, whether each of its threads can have no new privileges, and its way of refusing calls."""
    found = []
    for folder in workers().values():
        try:
            texts = [(one / "status").read_text() for one in (folder / "task").iterdir()]
        except OSError:  # it has just ended
            continue
        found.append([tuple(re.findall(r"^(?:NoNewPrivs|Seccomp):\s(\d)", one, re.MULTILINE)) for one in texts])
    return found


def test_what_holds_is_told_as_it_was_found(database: Path, port: int, tmp_path: Path) -> None:
    told = {one.name: one.holds for one in limits()}
    every = "\n".join((NO_NETWORK, NO_CALLS, LIMITS, ONE_FILE))
    found = tried(every, database, port, tmp_path)
    assert told == {
        "Time": True,
        "Memory": bool(found["take much memory"]),
        "Writing": bool(found["write a file"]),
        "Reading": bool(found["read another file"]),
        "Network": bool(found["connect"]),
        "Programs": bool(found["fork"]),
    }
    assert len({one.says for one in limits()}) == len(told)
