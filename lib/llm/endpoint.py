"""Where a model answers, and with which key."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from ipaddress import ip_address
from secrets import token_bytes
from urllib.parse import SplitResult, urlsplit

from lib.errors import SettingError

CUSTOMER_HOST = "llm.bayanatkom.com"
SUPPORT = "support@bayanatkom.com"
BUILTIN_NAME = "built-in model"

_WAY_OUT = "Give an address such as https://llm.bayanatkom.com."
_PORTS = {"http": 80, "https": 443}
_SALT = token_bytes(16)

Origin = tuple[str, str, int]
"""Scheme, host and port: whom a key is for."""


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible API: `base_url` ends without a slash, `name` is what a person is shown."""

    base_url: str
    api_key: str = field(default="", repr=False)
    name: str = ""
    builtin: bool = False
    chosen: bool = False
    """Whether a visitor chose it, or its key, on the Settings page."""
    public_only: bool = False
    """Whether it may not be in a private network."""

    @classmethod
    def at(
        cls,
        address: str,
        api_key: str = "",
        *,
        builtin: bool = False,
        chosen: bool = False,
        public_only: bool = False,
    ) -> Endpoint:
        """Take an address as people write it: a bare host gets `/v1`, a longer path stays whole.

        Raises SettingError, which repeats neither the address nor the key: both may hold a secret.
        """
        parts = _checked(address.strip())
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
        place = host if parts.port is None else f"{host}:{parts.port}"
        path = re.sub(r"/+$", "", parts.path) or "/v1"
        name = BUILTIN_NAME if builtin else place
        base_url = f"{parts.scheme}://{place}{path}"
        return cls(base_url, _checked_key(api_key.strip()), name, builtin, chosen, public_only)

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def origin(self) -> Origin:
        parts = urlsplit(self.base_url)
        return parts.scheme, self.host, parts.port or _PORTS[parts.scheme]

    @property
    def identity(self) -> tuple[str, bytes]:
        """What tells endpoints apart in places that outlive a session, which are not to hold a visitor's key."""
        return self.base_url, blake2b(self.api_key.encode(), key=_SALT).digest()

    @property
    def loopback(self) -> bool:
        """Whether the endpoint is this machine, which no proxy may stand before."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def _checked(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        usable = parts.port is None or parts.port > 0
    except ValueError as e:
        raise SettingError("The endpoint's address is not a web address.", _WAY_OUT) from e
    if parts.scheme not in ("http", "https") or not parts.hostname or not usable:
        raise SettingError("The endpoint's address must begin with https:// or http:// and a host.", _WAY_OUT)
    if "@" in parts.netloc:
        raise SettingError(
            "The endpoint's address holds a user name or password.", "Give the key apart from the address."
        )
    if "?" in address or "#" in address or re.search(r"[\s\\\x00-\x1f\x7f]", address):
        raise SettingError("The endpoint's address may not hold blanks, `?` or `#`.", _WAY_OUT)
    return parts


def _checked_key(key: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]*", key):
        raise SettingError(
            "The key holds characters that no key has, such as blanks, line ends or accented letters.",
            "Copy the key again.",
        )
    return key
