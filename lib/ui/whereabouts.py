"""Where the browser is, and whose name it calls this server by: what the headers of its connection tell."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

import streamlit as st
from streamlit import config

from lib.errors import ForeignAddress

_PROXIED = re.compile(r"x-forwarded-|x-real-ip|x-original-|x-envoy-|forwarded|via$|cf-|.*client-?ip", re.IGNORECASE)
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_KNOWN_INSIDE_ONLY = (".localhost", ".local", ".lan", ".internal", ".home.arpa")


def is_at_this_machine() -> bool:
    """Whether the browser runs here; of who comes through a proxy that is not known."""
    # A proxy may name this machine as the host and leave no mark of its own; the origin is the browser's own word.
    if not {_host(), _origin()} <= _HERE or _is_proxied():
        return False
    seen = st.context.ip_address
    try:
        return seen is None or ipaddress.ip_address(seen).is_loopback
    except ValueError:
        return False


def require_own_name() -> None:
    """Raise ForeignAddress when somebody in the internet may own the name under which the page was opened.

    They can let the name lead to this machine, and a page of theirs under it is what a browser takes for Bayan's own.
    Nobody owns a number, or a name that only a network at home or at work knows. No page can forge the marks of a
    proxy; and where Streamlit was told its hosts, it has looked already.
    """
    host, told = _host(), config.get_option("server.allowedHosts")
    own = (config.get_option("browser.serverAddress") or "").lower()
    if _is_number(host) or "." not in host or host.endswith(_KNOWN_INSIDE_ONLY) or host == own:
        return
    if not told and not _is_proxied():
        raise ForeignAddress(
            f"The page was opened as {host[:100]}, and nothing says that this name is this server's.",
            "Open it as localhost or by the server's IP address, or start it with --server.allowedHosts and the name.",
        )


def _host() -> str:
    """The host in the page's address, without its port."""
    return re.sub(r":\d+$", "", st.context.headers.get("Host") or "localhost").strip("[]").lower().rstrip(".")


def _origin() -> str:
    """The host of the page that opened the connection."""
    try:
        return urlsplit(st.context.headers.get("Origin") or "http://localhost").hostname or ""
    except ValueError:
        return ""


def _is_proxied() -> bool:
    return any(_PROXIED.match(name) for name in st.context.headers)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
