"""Test connection: every cause of a failure, really caused on loopback, is named with its cure; Stop; the path."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest

from lib.errors import (
    AppError,
    EndpointFailed,
    KeyRefused,
    ModelError,
    ModelNotFound,
    StreamBroken,
    TooSlow,
    Unreachable,
    WrongPath,
)
from lib.llm import connect
from lib.llm.probe import Probe, for_test, probe
from lib.llm.scripted import Asked, Reply, ScriptedUpstream, answer, document, failure, head, plain
from lib.settings import Settings

ARCTIC = "snowflake/arctic-text2sql-r1-7b"
PAGE = plain(404, "<!DOCTYPE html><h1>Not found</h1>", "text/html")
LOST: Reply = (Flag(),)


def settings(address: str, **more: Any) -> Settings:
    return Settings(**{"llm_base_url": address, "llm_api_key": "k3y", "remote": True, "chosen": True, **more})


def after_test(given: Settings) -> Probe:
    *_, last = probe(connect.remote(for_test(given)), given)
    assert not last.doing
    return last


def errors(last: Probe) -> list[AppError]:
    return [one.error for one in last.checks if one.error]


def test_both_models_are_timed_each_on_its_own_path() -> None:
    with ScriptedUpstream() as upstream:
        last = after_test(settings(upstream.base_url))
        assert [(one.method, one.path) for one in upstream.requests] == [
            ("GET", "/v1/models"),
            ("POST", "/v1/chat/completions"),
            ("POST", "/v1/completions"),
        ]
        assert all(one.body["max_tokens"] <= 8 for one in upstream.posts)
    assert errors(last) == []
    assert [one.id for one in last.models] == ["qwen/qwen-2.5-7b-instruct", ARCTIC]
    assert [one.what for one in last.checks] == ["List of models", "Chat model", "SQL model"]
    assert "first token after 0." in last.checks[2].said


def test_another_sql_model_is_asked_as_a_chat() -> None:
    with ScriptedUpstream(models=document({"data": [{"id": "a"}]})) as upstream:
        assert errors(after_test(settings(upstream.base_url, llm_chat_model="a", llm_sql_model="a"))) == []
        assert {one.path for one in upstream.posts} == {"/v1/chat/completions"}


@contextmanager
def nobody() -> Iterator[str]:
    """An address on loopback where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextmanager
def scripted(scheme: str = "http", path: str = "/v1", **more: Any) -> Iterator[str]:
    with ScriptedUpstream(**more) as upstream:
        yield f"{scheme}://127.0.0.1:{upstream.port}{path}"


@contextmanager
def tls(folder: Path, scheme: str) -> Iterator[str]:
    """A server that speaks TLS with a certificate that nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_shake_hands, args=(server, context), daemon=True).start()
        yield f"{scheme}://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _shake_hands(server: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with closing(connection):
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                continue


def _certificate(folder: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1)
    )
    plain_key = serialization.NoEncryption()
    file = folder / "server.pem"
    file.write_bytes(
        made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain_key)
    )
    return file


def only_at(path: str, found: Reply | None = None) -> Callable[[Asked], Reply]:
    """A list of models at one path, and a web page everywhere else."""
    return lambda asked: (found or document({"data": [{"id": "a"}]})) if asked.path == path else PAGE


NO_LIST: dict[str, tuple[Callable[[Path], AbstractContextManager[str]], type[ModelError], str, str]] = {
    "name not found": (
        lambda _: nullcontext("https://nobody.invalid"),
        Unreachable,
        "no name server knows",
        "Check the address on the Settings page",
    ),
    "refused": (lambda _: nobody(), Unreachable, "nothing listens there", "that the service runs"),
    "certificate": (lambda folder: tls(folder, "https"), Unreachable, "no certificate", "REQUESTS_CA_BUNDLE"),
    "TLS where there is none": (lambda _: scripted("https"), Unreachable, "does not speak TLS", "http:// or https://"),
    "none where there is TLS": (lambda folder: tls(folder, "http"), StreamBroken, "closed the connection", "https://."),
    "401": (lambda _: scripted(models=failure(401, "Who?")), KeyRefused, "did not accept the key (401)", "the key on"),
    "redirect": (
        lambda _: scripted(models=(head(302, Location="https://b.example/"),)),
        EndpointFailed,
        "redirects to b.example",
        "new one",
    ),
    "web page": (lambda _: scripted(models=PAGE), WrongPath, "has no list of models (404)", "Check the address"),
    "path without /v1": (
        lambda _: scripted(path="/api", models=only_at("/v1/models")),
        WrongPath,
        "no list of models",
        "/v1: use that address",
    ),
    "path of OpenRouter": (
        lambda _: scripted(models=only_at("/api/v1/models")),
        WrongPath,
        "no list of models",
        "/api/v1: use that address",
    ),
    "path that asks for a key": (
        lambda _: scripted(path="/ui", models=only_at("/v1/models", failure(401, "Key?"))),
        WrongPath,
        "no list of models",
        "/v1: use that address",
    ),
    "page of an interface": (
        lambda _: scripted(path="/", models=plain(200, "<html>", "text/html")),
        WrongPath,
        "web page instead of an answer (200)",
        "Check the address",
    ),
    "silent": (
        lambda _: scripted(models=LOST),
        TooSlow,
        "did not begin to answer within 1 second",
        "the port is right",
    ),
    "nothing loaded": (
        lambda _: scripted(models=document({"data": []})),
        EndpointFailed,
        "serves no model",
        "Load one",
    ),
}


@pytest.mark.parametrize(("cause", "kind", "named", "cure"), NO_LIST.values(), ids=NO_LIST.keys())
def test_each_cause_is_named_with_its_cure(
    cause: Callable[[Path], AbstractContextManager[str]],
    kind: type[ModelError],
    named: str,
    cure: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with cause(tmp_path) as address:
        last = after_test(settings(address, llm_timeout_seconds=1))
    first = errors(last)[0]
    assert type(first) is kind
    assert named in first.detail
    assert cure in first.hint
    assert "k3y" not in str(first)
    assert bool(last.address) == ("use that address" in cure)


def missing(asked: Asked) -> Reply:
    return failure(404, "Not Found")


UNANSWERED: dict[str, tuple[Any, dict[str, Any], type[ModelError], str]] = {
    "no such model": (
        lambda asked: failure(404, f"model {asked.body['model']} does not exist"),
        {"llm_chat_model": "qwen-2.5-7b-instrukt"},
        ModelNotFound,
        "The nearest names there: qwen/qwen-2.5-7b-instruct",
    ),
    "no name is near": (
        lambda asked: failure(404, "no such model"),
        {"llm_chat_model": "zzzzzzz"},
        ModelNotFound,
        "Pick one of those that it lists",
    ),
    "no path for raw prompts": (
        lambda asked: missing(asked) if asked.path == "/v1/completions" else answer("Yes")(asked),
        {},
        ModelError,
        "SQL_PROFILE to direct",
    ),
    "slow to load": (lambda asked: LOST, {"llm_timeout_seconds": 1}, TooSlow, "faster then"),
    "key without that right": (lambda asked: failure(403, "No"), {}, KeyRefused, "the key on the Settings page"),
}


@pytest.mark.parametrize(("reply", "more", "kind", "cure"), UNANSWERED.values(), ids=UNANSWERED.keys())
def test_a_model_that_does_not_answer_has_its_own_cure(
    reply: Callable[[Asked], Reply], more: dict[str, Any], kind: type[ModelError], cure: str
) -> None:
    with ScriptedUpstream(otherwise=reply) as upstream:
        last = after_test(settings(upstream.base_url, **more))
    assert last.checks[0].error is None
    first = errors(last)[0]
    assert type(first) is kind
    assert cure in first.hint


def test_a_server_without_a_list_is_tested_all_the_same() -> None:
    with ScriptedUpstream(models=failure(404, "Not Found")) as upstream:
        last = after_test(settings(upstream.base_url))
    assert [one.error is None for one in last.checks] == [False, True, True]


def test_stop_closes_the_connection() -> None:
    with ScriptedUpstream([LOST]) as upstream:
        steps = probe(connect.remote(settings(upstream.base_url)), settings(upstream.base_url))
        while not upstream.posts:
            assert next(steps).doing
        steps.close()
        assert upstream.posts[0].closed_by_client.wait(1.0)


def test_the_servers_own_key_is_not_tried_at_other_paths() -> None:
    with ScriptedUpstream(models=PAGE) as upstream:
        after_test(settings(upstream.base_url, llm_api_key="s3cret", chosen=False))
        sent = {one.path: one.headers.get("Authorization") for one in upstream.requests if one.method == "GET"}
    assert len(sent) > 2
    assert sent.pop("/v1/models") == "Bearer s3cret"
    assert set(sent.values()) == {None}
