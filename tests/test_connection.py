"""A visitor's choice of models: whose key goes where, what may be chosen, what is private, what is counted."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.engine.limits import limits
from lib.errors import PrivateAddress, SettingError
from lib.llm import connect
from lib.llm.choice import BUILTIN, OTHER, SERVER, Choice, Pick
from lib.llm.client import Client, Message
from lib.llm.known import KNOWN
from lib.llm.limits import Load, limiter
from lib.llm.messages import Finished
from lib.llm.reach import is_named, is_public
from lib.llm.scripted import ScriptedUpstream, answer, document, head
from lib.llm.usage import Usage
from lib.settings import PROJECT, SETTINGS, Settings
from lib.ui.connection import Connection
from tests.attacks.urls import SPELLINGS

SERVERS, VISITORS = "servers-own-key", "visitors-key"
HELLO = [Message("user", "Hello")]
OURS = Settings(llm_base_url="https://models.example/v1", llm_api_key=SERVERS, remote=True)
SALES = b"region,amount\nNorth,10\nSouth,20\nNorth,5\n"


# Whose key goes where

ELSEWHERE = {
    "another host": "https://other.example/v1",
    "another port": "https://models.example:8443/v1",
    "another scheme": "http://models.example/v1",
    "another path": "https://models.example/v2",
    "a longer host": "https://models.example.evil.example/v1",
    "a name below": "https://evil.models.example/v1",
    "a dot more": "https://models.example./v1",
    "a letter that looks the same": "https://models.exampl\u0435/v1",
    "a wide letter": "https://\uff4dodels.example/v1",
    "half a host": "https://models.exampl/v1",
}


@pytest.mark.parametrize("address", ELSEWHERE.values(), ids=ELSEWHERE.keys())
@pytest.mark.parametrize("shared", [False, True])
def test_the_servers_key_goes_to_the_servers_address_only(address: str, shared: bool) -> None:
    choice = Choice()
    configured = replace(OURS, lock_endpoint=False)
    for _ in range(2):  # there, back, and there again
        choice.choose(OTHER, address, "")
        there = choice.applied(configured, shared=shared)
        assert (there.llm_base_url, there.llm_api_key, there.chosen) == (address, "", True)
        choice.place = SERVER
        assert choice.applied(configured, shared=shared).llm_api_key == SERVERS


SAME = ["https://models.example", "https://MODELS.example/v1/", " https://models.example/v1 "]


@pytest.mark.parametrize("address", SAME)
def test_the_same_address_spelled_otherwise_is_the_servers(address: str) -> None:
    choice = Choice()
    choice.choose(OTHER, address, "")
    settings = choice.applied(replace(OURS, lock_endpoint=False), shared=True)
    assert (settings.llm_api_key, settings.chosen, settings.public_only) == (SERVERS, False, False)


def test_a_typed_key_goes_to_its_origin_only_and_can_come_back() -> None:
    choice = Choice()
    choice.choose("OpenRouter", "https://openrouter.ai/api/v1", VISITORS)
    assert choice.applied(OURS, shared=False).llm_api_key == VISITORS
    for place in ("Ollama", "vLLM"):
        choice.place = place
        assert choice.applied(OURS, shared=False).llm_api_key == ""
    choice.choose(OTHER, "https://openrouter.ai:443/another/path", "")
    assert choice.applied(OURS, shared=False).llm_api_key == VISITORS
    choice.choose(OTHER, "http://openrouter.ai:443/api/v1", "")
    assert choice.applied(OURS, shared=False).llm_api_key == ""


def test_what_cannot_be_used_changes_nothing() -> None:
    choice = Choice()
    for address, key in [("example.com", VISITORS), ("https://user:pw@b.example", ""), ("https://b.example", "k ey")]:
        with pytest.raises(SettingError) as caught:
            choice.choose(OTHER, address, key)
        assert "pw" not in str(caught.value)
        assert "LLM_" not in str(caught.value)
    assert choice == Choice()


def test_no_key_is_in_any_representation_nor_in_what_outlives_the_session() -> None:
    held = Connection()
    held.choice.choose(OTHER, "https://b.example", VISITORS)
    settings = held.choice.applied(OURS, shared=False)
    assert settings.llm_api_key == VISITORS
    there = connect.endpoint(settings)
    KNOWN.keep(there, (), 60)
    kept = [held, held.choice, settings, there, there.identity, vars(KNOWN)]
    assert not [one for one in kept if VISITORS in repr(one) or SERVERS in repr(one)]
    assert KNOWN.models(replace(there, api_key="another")) is None


# What may be chosen

LOCKS: dict[str, tuple[dict[str, Any], bool, bool, bool]] = {
    "alone": ({}, False, False, False),
    "shared": ({}, True, True, True),
    "alone, locked": ({"lock_endpoint": True, "lock_models": True}, False, True, True),
    "shared, open": ({"lock_endpoint": False, "lock_models": False}, True, False, False),
    "shared, models open": ({"lock_models": False}, True, True, False),
}


@pytest.mark.parametrize(("given", "shared", "endpoint", "models"), LOCKS.values(), ids=LOCKS.keys())
def test_locks_hold_against_what_was_chosen(given: dict[str, Any], shared: bool, endpoint: bool, models: bool) -> None:
    choice, configured = Choice(), replace(OURS, **given)
    choice.pick(OURS.llm_base_url, Pick("my-chat", "my-sql"))
    here = choice.applied(configured, shared=shared)
    assert (here.lock_endpoint, here.lock_models) == (endpoint, models)
    assert (here.llm_chat_model, here.llm_sql_model) == (
        (OURS.llm_chat_model, OURS.llm_sql_model) if models else ("my-chat", "my-sql")
    )
    choice.choose(OTHER, "https://b.example", VISITORS)
    there = choice.applied(configured, shared=shared)
    assert (there.llm_base_url == OURS.llm_base_url) is endpoint
    choice.place = BUILTIN
    assert choice.applied(configured, shared=shared).remote is endpoint


def test_models_are_picked_for_each_endpoint_and_a_profile_stays_with_its_model() -> None:
    choice, configured = Choice(), replace(OURS, sql_profile="direct-duckdb")
    choice.choose(OTHER, "https://b.example", "")
    choice.pick("https://b.example/v1", Pick(sql="snowflake/arctic-text2sql-r1-7b-beta"))
    there = choice.applied(configured, shared=False)
    assert (there.llm_chat_model, there.sql_profile) == (OURS.llm_chat_model, "")
    choice.place = SERVER
    assert choice.applied(configured, shared=False).sql_profile == "direct-duckdb"
    assert choice.applied(configured, shared=False).llm_sql_model == OURS.llm_sql_model


# Private networks

PRIVATE = (
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 100.100.100.200 0.0.0.0 224.0.0.1 "
    "239.1.1.1 255.255.255.255 168.63.129.16 192.0.0.192 198.18.0.1 ::1 :: fe80::1 fe80::1%eth0 fd00:ec2::254 ff02::1 "
    "::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::10.0.0.1 2002:7f00:1:: 2001:db8::1 fec0::1 nonsense"
).split()


def test_private_addresses_are_known_however_they_are_wrapped() -> None:
    assert [one for one in PRIVATE if is_public(one)] == []
    public = "93.184.216.34 8.8.8.8 2606:2800:220:1::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1".split()
    assert [one for one in public if not is_public(one)] == []


@pytest.mark.parametrize(
    ("host", "port", "named"),
    [
        ("gpu.local", 80, True),
        ("GPU.local.", 1, True),
        ("10.0.0.7", 8000, True),
        ("10.0.0.7", 22, False),
        ("", 80, False),
    ],
)
def test_hosts_are_allowed_by_name(host: str, port: int, named: bool) -> None:
    assert is_named(host, port, " gpu.local, 10.0.0.7:8000,") is named


@pytest.fixture
def own_proxies(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedUpstream]:
    """A proxy in the environment for everything."""
    with ScriptedUpstream() as proxy:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield proxy


def visiting(address: str, **more: Any) -> Settings:
    """The settings of a visitor of a shared Bayan who chose this address."""
    choice = Choice()
    choice.choose(OTHER, address, "")
    return choice.applied(replace(OURS, lock_endpoint=False, **more), shared=True)


@pytest.mark.parametrize("host", SPELLINGS)
def test_a_visitors_address_in_a_private_network_gets_no_byte(own_proxies: ScriptedUpstream, host: str) -> None:
    with ScriptedUpstream() as upstream:
        asking = connect.remote(visiting(f"http://{host}:{upstream.port}")).client
        with pytest.raises(PrivateAddress, match="ALLOWED_HOSTS"):
            asking.models()
        with pytest.raises(PrivateAddress):
            list(asking.chat("any", HELLO))
        assert upstream.requests == own_proxies.requests == []


def test_metadata_of_a_cloud_is_refused_before_it_is_connected_to() -> None:
    with pytest.raises(PrivateAddress):
        connect.remote(visiting("http://169.254.169.254")).client.models()


@pytest.mark.parametrize("then", ["127.0.0.1", "::1"])
def test_a_name_that_leads_elsewhere_a_moment_later_gets_no_byte(monkeypatch: pytest.MonkeyPatch, then: str) -> None:
    """The name's address is public when it is looked up; the socket ends at this machine all the same."""
    real = socket.getaddrinfo

    def rebound(host: str, port: int, *more: Any, **named: Any) -> Any:
        if host == "rebind.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]
        return real(then if host == "93.184.216.34" else host, port, *more, **named)

    family = socket.AF_INET6 if ":" in then else socket.AF_INET
    with socket.create_server((then, 0), family=family) as server:
        monkeypatch.setattr(socket, "getaddrinfo", rebound)
        with pytest.raises(PrivateAddress):
            connect.remote(visiting(f"http://rebind.example:{server.getsockname()[1]}")).client.models()
        connection, _ = server.accept()
        assert connection.recv(1) == b""
        connection.close()


@pytest.mark.usefixtures("own_proxies")
def test_a_visitors_public_address_is_connected_to_as_it_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Public(socket.socket):
        def getpeername(self) -> tuple[str, int]:
            return "93.184.216.34", 80

    asked: list[str] = []

    def connected(address: tuple[str, int], *more: Any, **named: Any) -> socket.socket:
        asked.append(address[0])
        made = Public(socket.AF_INET, socket.SOCK_STREAM)
        made.connect(("127.0.0.1", address[1]))
        return made

    with ScriptedUpstream() as upstream:
        looked_up = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", upstream.port))]
        asking = connect.remote(visiting(f"http://public.example:{upstream.port}")).client
        with monkeypatch.context() as patched:
            patched.setattr("urllib3.util.connection.create_connection", connected)
            patched.setattr("socket.getaddrinfo", lambda host, *more, **named: looked_up * (host == "public.example"))
            assert len(asking.models()) == 2
        assert upstream.requests[0].headers["Host"] == f"public.example:{upstream.port}"
    assert asked == ["93.184.216.34"]


def test_a_private_host_that_is_named_may_be_used() -> None:
    with ScriptedUpstream() as upstream:
        settings = visiting(upstream.base_url, allowed_hosts=f"127.0.0.1:{upstream.port}")
        assert len(connect.remote(settings).client.models()) == 2
        assert upstream.requests[0].headers.get("Authorization") is None


def test_the_configured_endpoint_may_be_private() -> None:
    with ScriptedUpstream() as upstream:
        settings = Choice().applied(Settings(llm_base_url=upstream.base_url, remote=True), shared=True)
        assert len(connect.remote(settings).client.models()) == 2


# What is counted


def test_usage_counts_complete_answers_by_model_from_any_thread() -> None:
    usage = Usage()
    with ScriptedUpstream() as upstream:
        asking = Client(upstream.endpoint(), Settings(), usage)
        threads = [Thread(target=lambda: list(asking.chat("a", HELLO))) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        list(asking.text("b", "SELECT"))
        asking.chat("a", HELLO).close()
    spent = {one.model: (one.requests, one.prompt_tokens, one.completion_tokens) for one in usage.spent()}
    assert spent == {"a": (4, 36, 8), "b": (1, 9, 2)}


def test_speed_counts_from_the_first_token() -> None:
    assert Finished("stop", 1, 30, 3.5, 0.5, estimated=False).tokens_per_second == 10
    assert Finished("stop", 1, 30, 0.5, 0.5, estimated=False).tokens_per_second == 0


# In every flow through the pages


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for one in SETTINGS:
        monkeypatch.delenv(one.name.upper(), raising=False)
    monkeypatch.setenv("BAYAN_HOME", str(tmp_path / "home"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedUpstream]:
    """The endpoint that the server is configured with."""
    with ScriptedUpstream() as scripted:
        monkeypatch.setenv("LLM_BASE_URL", scripted.base_url)
        monkeypatch.setenv("LLM_API_KEY", SERVERS)
        yield scripted


def opened() -> AppTest:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    return go(at, "settings")


def go(at: AppTest, page: str) -> AppTest:
    at.switch_page(f"pages/{page}.py").run()
    assert not at.exception
    return at


def use(at: AppTest, address: str, key: str = "") -> AppTest:
    at.selectbox(key="model-place").select(OTHER).run()
    at.text_input(key=f"model-address-{OTHER}").input(address)
    at.text_input(key=f"model-key-{OTHER}").input(key)
    at.button(key=f"model-use-{OTHER}").click().run()
    assert not at.exception
    return at


def shown(at: AppTest) -> str:
    return "\n".join(str(one.value) for one in [*at.markdown, *at.caption, *at.error]).translate({0x5C: "", 0x2060: ""})


def everything(upstream: ScriptedUpstream) -> str:
    return "\n".join(f"{one.target} {dict(one.headers)} {one.raw!r}" for one in upstream.requests)


def test_a_visitors_endpoint_gets_no_key_in_any_flow_but_the_one_typed_for_it(
    server: ScriptedUpstream, caplog: pytest.LogCaptureFixture
) -> None:
    sql = answer("```sql\nSELECT region, sum(amount) AS total FROM sales GROUP BY region\n```")
    with caplog.at_level(logging.DEBUG), ScriptedUpstream(otherwise=sql) as other:
        at = use(opened(), other.base_url)
        at.button(key="test-connection").click().run()
        assert [one.method for one in other.requests] == ["GET", "POST", "POST"]
        at.button(key="measure-bundled").click().run()
        other.wait_for(3, 30)
        at.run()
        if stops := [one for one in at.button if one.key == "stop-measuring"]:
            stops[0].click().run()
        go(at, "ask").file_uploader[0].upload("sales.csv", SALES).run()
        at.chat_input[0].set_value("Total by region?").run()
        at.chat_input[0].set_value("only the highest").run()
        assert [one for one in other.posts if "only the highest" in one.raw.decode() and "messages" in one.body]
        asked = len(other.posts)
        go(at, "chat").chat_input[0].set_value("Hello").run()
        other.wait_for(asked + 1)
        assert server.requests == []

        go(at, "settings").selectbox(key="model-place").select(SERVER).run()
        at.button(key="test-connection").click().run()
        assert {one.headers.get("Authorization") for one in server.requests} == {f"Bearer {SERVERS}"}
        assert {one.headers.get("Authorization") for one in other.requests} == {None}
        asked = len(other.requests)
        use(at, other.base_url, VISITORS).button(key="test-connection").click().run()
        assert {one.headers["Authorization"] for one in other.requests[asked:]} == {f"Bearer {VISITORS}"}

        assert SERVERS not in everything(other)
        assert VISITORS not in everything(server)
        assert not [one for one in (SERVERS, VISITORS) if one in shown(at) or one in caplog.text]


def test_a_redirect_takes_no_key_along(server: ScriptedUpstream) -> None:
    moved = (head(307, Location=server.base_url),)
    with ScriptedUpstream(models=moved, otherwise=moved) as other:
        at = use(opened(), other.base_url, VISITORS)
        at.button(key="test-connection").click().run()
        assert "redirects to 127.0.0.1" in shown(at)
        assert len(other.posts) == 2
    assert server.requests == []


def test_a_typed_key_never_goes_back_to_the_browser_and_can_be_forgotten(server: ScriptedUpstream) -> None:
    with ScriptedUpstream() as other:
        at = use(opened(), other.base_url, VISITORS)
        assert at.text_input(key=f"model-key-{OTHER}").value == ""
        assert at.text_input(key=f"model-key-{OTHER}").proto.autocomplete == "off"
        assert f"Your key for 127.0.0.1:{other.port} is in use" in shown(at)
        at.button(key="forget-key").click().run()
        at.button(key="test-connection").click().run()
        assert {one.headers.get("Authorization") for one in other.requests} == {None}


def test_an_address_that_is_none_is_told_and_nothing_typed_is_lost(server: ScriptedUpstream) -> None:
    at = use(opened(), "example.com/v1", VISITORS)
    assert "must begin with https:// or http://" in shown(at)
    assert at.text_input(key=f"model-address-{OTHER}").value == "example.com/v1"
    assert at.text_input(key=f"model-key-{OTHER}").value == VISITORS
    at.button(key="test-connection").click().run()
    assert {one.headers.get("Authorization") for one in server.requests} == {f"Bearer {SERVERS}"}


def test_a_wrong_path_is_mended_by_a_click(server: ScriptedUpstream) -> None:
    with ScriptedUpstream(
        models=lambda asked: document({"data": [{"id": "m"}]}) if asked.path == "/v1/models" else (head(404),)
    ) as other:
        at = use(opened(), f"http://127.0.0.1:{other.port}/api", VISITORS)
        at.button(key="test-connection").click().run()
        at.button(key="use-address").click().run()
        at.button(key="test-connection").click().run()
        assert other.posts[0].path == "/v1/chat/completions"
        assert at.selectbox(key=f"model-chat-{other.base_url}").options[-1] == "m"


def test_models_are_picked_apart_and_stay_picked(server: ScriptedUpstream) -> None:
    at = opened()
    at.button(key="test-connection").click().run()
    at.selectbox(key=f"model-chat-{server.base_url}").select("snowflake/arctic-text2sql-r1-7b").run()
    go(go(at, "data"), "settings")
    before = len(server.posts)
    at.button(key="test-connection").click().run()
    chat, sql = (one.body["model"] for one in server.posts[before:])
    assert chat == sql == "snowflake/arctic-text2sql-r1-7b"
    assert [one.value.shape[0] for one in at.table] == [2]


def test_a_shared_server_is_locked_by_default_and_private_presets_are_not_offered_when_open(
    server: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAYAN_SHARED", "1")
    at = opened()
    assert [one for one in at.selectbox if str(one.key).startswith("model-")] == []
    assert "has fixed the endpoint" in shown(at)
    assert "has fixed the models" in shown(at)
    monkeypatch.setenv("LOCK_ENDPOINT", "0")
    at.run()
    offered = " ".join(at.selectbox(key="model-place").options)
    assert "OpenRouter" in offered
    assert "localhost" not in offered
    with ScriptedUpstream() as other:
        use(at, other.base_url).button(key="test-connection").click().run()
        assert other.requests == []
    assert "is in a private network" in shown(at)


def test_privacy_and_appearance_hold_on_every_page(server: ScriptedUpstream) -> None:
    at = opened()
    at.toggle(key="settings-names-only").set_value(True).run()
    at.radio(key="look-size").set_value("Large").run()
    go(at, "ask").file_uploader[0].upload("sales.csv", SALES).run()
    assert at.toggle(key="ask-names-only").value
    assert "font-size: 115%" in "".join(str(one.proto.body) for one in at.get("html"))
    at.toggle(key="ask-names-only").set_value(False).run()
    assert not go(at, "settings").toggle(key="settings-names-only").value


def test_the_page_says_what_holds_a_query() -> None:
    texts = [one.value for one in opened().markdown]
    for one in limits():
        icon = ":material/lock:" if one.holds else ":material/lock_open:"
        assert any(f"{icon} **{one.name}**: {one.says}" in text for text in texts)


def test_a_list_of_models_may_say_anything(server: ScriptedUpstream) -> None:
    listed = [
        {"id": "x" * 100_000, "context_length": 10**30, "pricing": {"prompt": "1e999999", "completion": "-1"}},
        {"id": "[link](javascript:alert(1)) :red[x] $x$", "name": "<b>", "pricing": {"prompt": "free"}},
        *[{"id": f"model-{number}", "pricing": {"prompt": "0.0000025"}} for number in range(1200)],
    ]
    with ScriptedUpstream(models=document({"data": listed})) as other:
        at = use(opened(), other.base_url)
        at.button(key="test-connection").click().run()
    assert not at.exception
    assert "The first 1,000 are shown" in shown(at)
    assert "The first 1,000 of 1,202 models are offered" in shown(at)
    assert at.dataframe[0].value["price in"].isna().tolist()[:3] == [True, True, False]
    assert at.dataframe[0].value["price in"][2] == 2.5


def test_limits_are_shown_as_they_are(server: ScriptedUpstream) -> None:
    settings = Settings(llm_base_url=server.base_url)
    assert limiter(server.base_url, settings).load() == Load(0, 0, 0)
    at = opened()
    at.button(key="test-connection").click().run()
    assert [one.value for one in at.metric][1:] == ["0 of 20", "0"]
    assert limiter(server.base_url, settings).load().last_second == 3
