"""Which models answer: the remote endpoint's when one was chosen, else the built-in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.llm import builtin
from lib.llm.endpoint import Endpoint
from lib.settings import Settings

if TYPE_CHECKING:
    from lib.llm.client import Client
    from lib.llm.usage import Usage


@dataclass(frozen=True)
class Models:
    """The two jobs and who does them: ids of the chat model and of the SQL model at one endpoint."""

    client: Client
    chat: str
    sql: str


def endpoint(settings: Settings) -> Endpoint:
    """The remote endpoint. Raises SettingError for an address or a key that is none."""
    return Endpoint.at(
        settings.llm_base_url, settings.llm_api_key, chosen=settings.chosen, public_only=settings.public_only
    )


def remote(settings: Settings, usage: Usage | None = None) -> Models:
    """The models of the remote endpoint; answers are counted in `usage`. Raises SettingError."""
    return Models(_client(endpoint(settings), settings, usage), settings.llm_chat_model, settings.llm_sql_model)


def local(served: Endpoint, settings: Settings, usage: Usage | None = None) -> Models:
    """The built-in model in both jobs; answers are counted in `usage`."""
    return Models(_client(served, settings, usage), builtin.MODEL_ID, builtin.MODEL_ID)


def connect(settings: Settings) -> Models:
    """The models in use, blocking until the built-in one is served if it is the one. Raises ModelError."""
    if settings.remote:
        return remote(settings)
    return local(builtin.serve(settings), settings)


def _client(to: Endpoint, settings: Settings, usage: Usage | None) -> Client:
    from lib.llm.client import Client  # its libraries are slow to import, and a page without a question needs none

    return Client(to, settings, usage)
