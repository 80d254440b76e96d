"""What the operating system itself forbids a worker, whatever the engine in it does.

Nothing here needs privileges. Each wall is tried, and left out where the system does not have it or a container
forbids it: the engine's own locks hold without them, and limits.py finds out which of them stand.

Calls, numbers and structures of Landlock are those of the kernel's own documentation,
https://docs.kernel.org/userspace-api/landlock.html; flags of unshare and prctl are those of linux/sched.h and
linux/prctl.h. None of them ever changes.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from lib.engine.wire import Job

LINUX = sys.platform.startswith("linux")

_MB = 1 << 20

_NEW_USER, _NEW_IPC, _NEW_NET = 0x10000000, 0x08000000, 0x40000000
_NO_NEW_PRIVILEGES = 38
_THREAD = 0x00010000

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
_READ_FILE = 1 << 2
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many rights over files there are from each version on: as many bits, the lowest first."""
_TCP_SINCE, _TCP = 4, 0b11
_SCOPES_SINCE, _SCOPES = 6, 0b11
"""Abstract sockets of other processes, and signals to them."""

_REFUSED_CALLS = (
    *("socket", "socketpair", "connect", "bind", "io_uring_setup"),
    *("execve", "execveat", "fork", "vfork"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "perf_event_open"),
    *("mount", "umount2", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "pivot_root", "chroot"),
    *("unshare", "setns", "open_by_handle_at", "name_to_handle_at", "bpf", "userfaultfd"),
    *("keyctl", "add_key", "request_key", "init_module", "finit_module", "delete_module", "kexec_load", "reboot"),
)


class _Rules(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def leave_network() -> None:
    """Have no network from now on, nor other processes' shared memory: neither this process nor those it forks.

    Only a process with one thread can. Privileges are used where there are some: without them the process becomes
    its own user namespace, in which it could not read what others own, as a privileged one may.
    """
    if not LINUX:
        return
    for flags in (_NEW_NET | _NEW_IPC, _NEW_NET | _NEW_IPC | _NEW_USER):
        if not _libc().unshare(flags):
            return


def refuse_calls() -> None:
    """Refuse this thread, and those that it starts, what a query never asks of the system."""
    if not LINUX:
        return
    _libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if refused := refused_calls():
        with suppress(OSError):
            refused.load()


@cache
def refused_calls() -> Any:
    """The filter that `refuse_calls` loads, made once; None where there is no libseccomp. A fork inherits it."""
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError):
        return None
    found = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in _REFUSED_CALLS:
        with suppress(OSError):  # a call that this libseccomp does not know
            found.add_rule(seccomp.ERRNO(errno.EPERM), name)
    found.add_rule(seccomp.ERRNO(errno.EPERM), "clone", seccomp.Arg(0, seccomp.MASKED_EQ, _THREAD, 0))
    found.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags cannot be looked at; threads do without it
    return found


def see_only(file: str) -> None:
    """Let this thread, and those that it starts, open this one file for reading, and nothing else."""
    if not LINUX:
        return
    version = _landlock(_CREATE_RULESET, None, 0, _ASK_VERSION)
    if version < 1:
        return
    rights = (1 << max(bits for since, bits in _FILE_RIGHTS.items() if since <= version)) - 1
    rules = _Rules(rights, _TCP if version >= _TCP_SINCE else 0, _SCOPES if version >= _SCOPES_SINCE else 0)
    ruleset = _landlock(_CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    if ruleset < 0:
        return
    try:
        with suppress(OSError):  # a file that is not there cannot be opened anyway
            opened = os.open(file, os.O_PATH | os.O_CLOEXEC)
            _landlock(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(_Beneath(_READ_FILE, opened)), 0)
            os.close(opened)
        _landlock(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def limit(job: Job, threads: int) -> None:
    """Limit this process's time, memory and files as its job says. Windows has none of these limits."""
    if sys.platform == "win32":
        return
    import resource

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(job.timeout) + 3)  # should the parent hang
    limits = {
        resource.RLIMIT_CPU: int(job.timeout + 3) * threads,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    if used := _address_space():
        limits[resource.RLIMIT_AS] = used + 2 * job.memory_mb * _MB
    for kind, most in limits.items():
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def _address_space() -> int:
    """Bytes of address space in use; 0 where the system does not tell (macOS does not enforce a limit either)."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def _landlock(number: int, *given: Any) -> int:
    words = [ctypes.c_long(one) if isinstance(one, int) else one for one in given]
    return int(_libc().syscall(ctypes.c_long(number), *words))
