"""Which models answer: the remote endpoint's when one was chosen, else the built-in one."""

from __future__ import annotations

from dataclasses import dataclass

from lib.llm import builtin
from lib.llm.client import Client, Endpoint
from lib.settings import Settings


@dataclass(frozen=True)
class Models:
    """The two jobs and who does them: ids of the chat model and of the SQL model at one endpoint."""

    client: Client
    chat: str
    sql: str


def remote(settings: Settings) -> Models:
    """The models of the configured endpoint. Raises SettingError for an address that is none."""
    endpoint = Endpoint.at(settings.llm_base_url, settings.llm_api_key)
    return Models(Client(endpoint, settings), settings.llm_chat_model, settings.llm_sql_model)


def local(endpoint: Endpoint, settings: Settings) -> Models:
    """The built-in model in both jobs."""
    return Models(Client(endpoint, settings), builtin.MODEL_ID, builtin.MODEL_ID)


def connect(settings: Settings) -> Models:
    """The models in use, blocking until the built-in one is served if it is the one. Raises ModelError."""
    if settings.remote:
        return remote(settings)
    return local(builtin.serve(settings), settings)
