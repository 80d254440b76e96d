"""Whose workspace lies where. In this process a folder is one Workspace, shared by all sessions and tabs."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lib.data.workspace import USED, Workspace, clear_deleted
from lib.errors import DataError
from lib.settings import Settings

LOCAL, SHARED = "workspace", "workspaces"
ID_BYTES = 24
_ID = re.compile(r"[A-Za-z0-9_-]{32}")
_FOLDER = re.compile(r"[0-9a-f]{32}")


@dataclass
class _Home:
    space: Workspace
    users: int = 0


_BEGAN = time.time() - time.monotonic()
_homes: dict[Path, _Home] = {}
_lock = threading.Lock()


def local(settings: Settings) -> Workspace:
    """The one workspace of this machine's user. Whoever opens it has to `release` it. Raises DataError."""
    return _opened(settings.home / LOCAL, settings)


def visitor(settings: Settings, id_: str) -> Workspace:
    """The workspace of who knows the id; it has to be one that `is_id` accepts. Raises DataError."""
    if not is_id(id_):
        raise DataError("That is no address of a workspace.", "Open the page without it.")
    return _opened(_folder(settings, f"visitor {id_}"), settings)


def owner(settings: Settings, identity: str) -> Workspace:
    """The workspace of a person who is logged in; `identity` names nobody else. Raises DataError."""
    return _opened(_folder(settings, f"owner {identity}"), settings)


def new_id() -> str:
    """An id that nobody can guess."""
    return secrets.token_urlsafe(ID_BYTES)


def is_id(text: str) -> bool:
    """Whether it looks like one that `new_id` made."""
    return _ID.fullmatch(text) is not None


def exists(settings: Settings, text: str) -> bool:
    """Whether somebody already has a workspace under this id."""
    return is_id(text) and _folder(settings, f"visitor {text}").is_dir()


def hold(space: Workspace) -> None:
    """Keep a workspace open that a session has, also when that session ends. Has to be released as often."""
    with _lock:
        home = _homes.get(space.folder)
        if home and home.space is space:
            home.users += 1


def release(space: Workspace) -> None:
    """Say that a session does not need the workspace any more; after the last one it is closed, once its loads ended.

    It can be opened again at any time.
    """
    with _lock:
        home = _homes.get(space.folder)
        if home is None or home.space is not space:
            return
        home.users = max(0, home.users - 1)
    if not space.closed and any(not one.ended for one in space.loadings):
        threading.Thread(target=_close_after_loads, args=[space], name="closing", daemon=True).start()
    else:
        _close_unused(space)


def sweep(settings: Settings) -> int:
    """Delete the shared workspaces that nobody used for too long; returns how many. None that is open here goes."""
    oldest = _now() - settings.workspace_ttl_hours * 3600
    shared = settings.home / SHARED
    clear_deleted(shared, "*")
    gone = 0
    for folder in [one for one in shared.glob("*") if _FOLDER.fullmatch(one.name)]:
        with _lock, suppress(DataError, OSError):  # one that another process has open stays, too
            if folder not in _homes and _used(folder) < oldest:
                Workspace.open(folder, settings).delete()
                gone += 1
    return gone


def open_now() -> tuple[Workspace, ...]:
    """The workspaces that are open in this process."""
    with _lock:
        return tuple(home.space for home in _homes.values() if not home.space.closed)


def close_all() -> None:
    """Close every workspace, because the process ends: what runs is stopped, what was finished stays."""
    for space in open_now():
        space.close()


def _opened(folder: Path, settings: Settings) -> Workspace:
    folder = folder.absolute()
    with _lock:
        home = _homes.get(folder)
        if home is None or home.space.closed:
            home = _homes[folder] = _Home(Workspace.open(folder, settings))
        home.users += 1
        return home.space


def _folder(settings: Settings, whose: str) -> Path:
    return settings.home / SHARED / hashlib.sha256(whose.encode()).hexdigest()[:32]


def _close_after_loads(space: Workspace) -> None:
    for loading in space.loadings:
        loading.wait()
    _close_unused(space)


def _close_unused(space: Workspace) -> None:
    with _lock:
        home = _homes.get(space.folder)
        if home and home.space is space and not home.users:
            del _homes[space.folder]
            space.close()


def _now() -> float:
    """The time; where the clock was set since this process began, the earlier one of what it says and should say."""
    return min(time.time(), _BEGAN + time.monotonic())


def _used(folder: Path) -> float:
    """When it was used last; a folder without that mark was just made."""
    mark = folder / USED
    return (mark if mark.exists() else folder).stat().st_mtime
