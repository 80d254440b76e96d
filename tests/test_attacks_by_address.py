"""Addresses that a visitor types and endpoints that lead elsewhere: what is inside hears nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.errors import AppError
from lib.llm import connect
from lib.llm.choice import OTHER, Choice
from lib.llm.messages import Message
from lib.llm.scripted import ScriptedUpstream, plain
from lib.settings import Settings
from tests.attacks import urls

KEY = "the-servers-key"
OURS = Settings(llm_base_url="https://models.example/v1", llm_api_key=KEY, remote=True, lock_endpoint=False)


@pytest.fixture(scope="module")
def inside() -> Iterator[ScriptedUpstream]:
    """What must not hear anything."""
    with ScriptedUpstream() as listening:
        yield listening


@pytest.mark.parametrize("address", urls.ENDPOINTS.values(), ids=urls.ENDPOINTS)
def test_no_address_reaches_what_is_inside(
    inside: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, inside.base_url.removesuffix("/v1"))
    with pytest.raises(AppError):
        chosen_and_asked(address.format(port=inside.port))
    assert inside.requests == []


def chosen_and_asked(address: str) -> None:
    """As a visitor of a Bayan that serves others does."""
    choice = Choice()
    choice.choose(OTHER, address, "")
    client = connect.remote(choice.applied(OURS, shared=True)).client
    assert client.endpoint.api_key != KEY
    client.models()


@pytest.mark.parametrize(("status", "to"), urls.REDIRECTS.values(), ids=urls.REDIRECTS)
def test_nobody_is_followed(inside: ScriptedUpstream, status: int, to: str) -> None:
    reply = plain(status, "{}", Location=to.format(port=inside.port), Refresh=f"0;url={to.format(port=inside.port)}")
    with ScriptedUpstream(replies=[reply], models=reply) as upstream:
        settings = Settings(llm_base_url=upstream.base_url, llm_api_key=KEY, remote=True)
        client = connect.remote(settings).client
        with pytest.raises(AppError) as listing:
            client.models()
        with pytest.raises(AppError) as asking:
            list(client.chat("any", [Message("user", "Hello")]))
        assert len(upstream.posts) == 1
    assert inside.requests == []
    assert KEY not in f"{listing.value} {asking.value}"
