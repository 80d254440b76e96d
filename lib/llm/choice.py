"""What one visitor chose for their session: the endpoint, its key, the models. Never written down.

A key is kept for the origin that it was typed for (scheme, host, port) and sent nowhere else. The server's own key
goes to the server's own address, to the letter, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from lib.errors import SettingError
from lib.llm.endpoint import Endpoint, Origin
from lib.llm.models import same_model
from lib.llm.reach import is_named
from lib.settings import Settings

SERVER, BUILTIN, OTHER = "server", "builtin", "Another address"

PRESETS: Mapping[str, str] = MappingProxyType(
    {
        "OpenRouter": "https://openrouter.ai/api/v1",
        "LiteLLM": "http://localhost:4000/v1",
        "Ollama": "http://localhost:11434/v1",
        "LM Studio": "http://localhost:1234/v1",
        "vLLM": "http://localhost:8000/v1",
        "llama.cpp": "http://localhost:8080/v1",
    }
)


@dataclass(frozen=True)
class Pick:
    """The models picked at one endpoint; an empty id means the configured one."""

    chat: str = ""
    sql: str = ""


@dataclass
class Choice:
    """Where models answer for one visitor. An empty `place` means what is configured.

    A place is SERVER, BUILTIN, OTHER or the name of a preset; `addresses` holds what was typed for a place.
    """

    place: str = ""
    addresses: dict[str, str] = field(default_factory=dict)
    picks: dict[str, Pick] = field(default_factory=dict)
    keys: dict[Origin, str] = field(default_factory=dict, repr=False)

    def where(self, configured: Settings) -> str:
        """The place in use."""
        return self.place or (SERVER if configured.remote else BUILTIN)

    def address(self, configured: Settings) -> str:
        """The address in use, as it was typed; "" for the built-in model and where none was typed yet."""
        place = self.where(configured)
        if place in (SERVER, BUILTIN):
            return configured.llm_base_url if place == SERVER else ""
        return self.addresses.get(place, PRESETS.get(place, ""))

    def choose(self, place: str, address: str, key: str) -> None:
        """Take an address, and the key that was typed with it. Raises SettingError and then changes nothing."""
        there = Endpoint.at(address, key)
        self.place, self.addresses[place] = place, address.strip()
        if there.api_key:
            self.keys[there.origin] = there.api_key

    def pick(self, base_url: str, pick: Pick) -> None:
        """Use these models at an endpoint from now on."""
        self.picks[base_url] = pick

    def applied(self, configured: Settings, *, shared: bool) -> Settings:
        """The settings with what was chosen, as far as a visitor may; `shared` says that others are served.

        `lock_endpoint` and `lock_models` of the outcome are True or False: what holds for this visitor here and now.
        Raises nothing: an address that cannot be used stays in the settings, for the error where it is used.
        """
        locked = shared if configured.lock_endpoint is None else configured.lock_endpoint
        fixed = shared if configured.lock_models is None else configured.lock_models
        configured = replace(configured, lock_endpoint=locked, lock_models=fixed)
        own = replace(self, place="") if locked else self
        if own.where(configured) == BUILTIN:
            profile = "" if configured.remote else configured.sql_profile
            return replace(configured, remote=False, lock_models=True, sql_profile=profile)
        address, ours = own.address(configured), _at(configured.llm_base_url)
        there = _at(address)
        if there is None:
            is_ours = address == configured.llm_base_url
            key = configured.llm_api_key if is_ours else ""
            return replace(configured, remote=True, llm_base_url=address, llm_api_key=key, chosen=not is_ours)
        is_ours = ours is not None and there.base_url == ours.base_url
        typed = self.keys.get(there.origin, "")
        settings = replace(
            configured,
            remote=True,
            llm_base_url=configured.llm_base_url if is_ours else there.base_url,
            llm_api_key=typed or (configured.llm_api_key if is_ours else ""),
            chosen=bool(typed) or not (is_ours and configured.remote),
            public_only=shared and not is_ours and not is_named(*there.origin[1:], configured.allowed_hosts),
            lock_models=fixed and is_ours,
        )
        return settings if settings.lock_models else _picked(settings, self.picks.get(there.base_url, Pick()))


def _picked(settings: Settings, pick: Pick) -> Settings:
    sql = pick.sql or settings.llm_sql_model
    # A profile that is configured is the configured model's.
    profile = settings.sql_profile if same_model(sql, settings.llm_sql_model) else ""
    chat = pick.chat or settings.llm_chat_model
    return replace(settings, llm_chat_model=chat, llm_sql_model=sql, sql_profile=profile)


def _at(address: str) -> Endpoint | None:
    try:
        return Endpoint.at(address)
    except SettingError:
        return None
