"""Hostile connections to real servers on loopback: nobody gets what is not theirs, and the owner's page goes on."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lib.data import homes
from lib.data.workspace import Source, Workspace
from lib.settings import Settings
from tests.attacks import headers, urls
from tests.attacks.attack import Attack
from tests.browser.conftest import APP, free_port, running_server
from tests.handshake import Handshake, seen

SECRET = b"name,salary\nhunter2,100\n"
SECRETS = ("salary", "hunter2", "payroll")
PLAIN = Handshake()
BOX = "Open a file of this machine by its path"
AUTH = """[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{secret}"
client_id = "bayan"
client_secret = "never-in-a-page"
server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"
"""


@dataclass(frozen=True)
class Place:
    """A server under way. `owner` is how those who own its secret table open the page."""

    port: int
    folder: str
    owner: Handshake

    def says(self, shake: Handshake) -> str:
        filled = {name: value.replace("{folder}", self.folder) for name, value in shake.headers.items()}
        return seen(self.port, replace(shake, headers=filled, query=shake.query.replace("{folder}", self.folder)))

    def tells(self, shake: Handshake) -> bool:
        """Whether it tells anything of the secret table."""
        said = self.says(shake)
        return any(word in said for word in SECRETS)


def keep_secret(space: Workspace) -> Path:
    with space.add([Source("payroll.csv", SECRET)]) as loading:
        assert loading.wait(60)
    homes.release(space)
    return space.folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def own(home: Path) -> Iterator[Place]:
    """The server of one person, which knows a name of its own."""
    folder = keep_secret(homes.local(Settings(bayan_home=str(home))))
    yield from serving(home, folder, STREAMLIT_BROWSER_SERVER_ADDRESS=headers.NAME)


@pytest.fixture(scope="module")
def shared(home: Path) -> Iterator[Place]:
    """The server of many; the owner of the table knows the id of the workspace."""
    id_ = homes.new_id()
    folder = keep_secret(homes.visitor(Settings(bayan_home=str(home)), id_))
    yield from serving(home, folder, Handshake(query=f"w={id_}"), BAYAN_SHARED="1")


@pytest.fixture(scope="module")
def login(home: Path) -> Iterator[Place]:
    """A server with a login, which the owner of the table does not come to in this test."""
    folder = keep_secret(homes.owner(Settings(bayan_home=str(home)), "http://127.0.0.1:9 ada"))
    port, secrets = free_port(), home / "secrets.toml"
    secrets.write_text(AUTH.format(port=port, secret="c" * 32), encoding="utf-8")
    yield from serving(home, folder, port=port, secrets=secrets)


def serving(
    home: Path, folder: Path, owner: Handshake = PLAIN, *, port: int = 0, secrets: Path | None = None, **more: str
) -> Iterator[Place]:
    nowhere = "http://127.0.0.1:9"  # Streamlit asks outside for this machine's address when an origin is not known
    environment = {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "BAYAN_HOME": str(home), **more}
    port = port or free_port()
    with running_server(APP, (), port, secrets, **environment) as server:
        yield Place(port, folder.name, owner)
        assert server.process.poll() is None


def names(cases: tuple[Attack[Handshake], ...], went: list[bool]) -> list[str]:
    """Those that got their prize."""
    return [case.name for case, won in zip(cases, went, strict=True) if won]


def test_no_page_of_a_stranger_opens_the_tables_of_this_machine(own: Place) -> None:
    assert own.tells(own.owner)
    assert names(headers.REBINDING, [own.tells(case.sent) for case in headers.REBINDING]) == []
    assert "server.allowedHosts" in own.says(Handshake("evil.example"))
    assert own.tells(own.owner)


def test_who_may_open_files_by_their_path_is_not_said_by_headers(own: Place) -> None:
    assert BOX in own.says(own.owner)
    assert names(headers.SITS_HERE, [BOX in own.says(case.sent) for case in headers.SITS_HERE]) == []
    assert BOX in own.says(own.owner)


def test_no_header_opens_the_workspace_of_another(shared: Place) -> None:
    assert shared.tells(shared.owner)
    assert names(headers.OTHERS_TABLES, [shared.tells(case.sent) for case in headers.OTHERS_TABLES]) == []
    assert BOX not in shared.says(shared.owner)
    assert shared.tells(shared.owner)


def test_no_parameter_of_an_address_opens_what_is_not_ones_own(shared: Place) -> None:
    said = [shared.says(case) for case in urls.PARAMETERS.values()]
    wins = [any(word in one for word in (*SECRETS, "<script>document.title", "Traceback")) for one in said]
    assert [name for name, won in zip(urls.PARAMETERS, wins, strict=True) if won] == []
    assert shared.tells(shared.owner)


def test_no_path_gives_a_file(shared: Place) -> None:
    given = {name: got(shared.port, path.replace("{folder}", shared.folder)) for name, path in urls.PATHS.items()}
    assert [name for name, one in given.items() if re.search(rb"root:|hunter2|never-in-a-page|PROJECT =", one)] == []
    assert got(shared.port, "/_stcore/health").endswith(b"ok")


def got(port: int, path: str) -> bytes:
    """What a server answers to exactly this path."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        parts = []
        while part := wire.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


def test_no_header_is_a_login(login: Place) -> None:
    assert "Log in to see your tables" in login.says(PLAIN)
    got_in = [login.tells(case.sent) or "Log in" not in (login.says(case.sent) or "Log in") for case in headers.LOGS_IN]
    assert names(headers.LOGS_IN, got_in) == []
    assert "Log in to see your tables" in login.says(PLAIN)
