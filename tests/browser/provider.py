"""An OpenID Connect provider on loopback that lets in whoever it is told to: just enough for a login."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey


class Provider:
    """`subject` is who logs in next."""

    def __init__(self) -> None:
        self.subject = "nobody"
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.nonces: dict[str, tuple[str, str]] = {}
        provider = self

        class Handler(_Handler):
            owner = provider

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def secrets(self, app: str) -> str:
        """Streamlit's secrets file for an app at this address."""
        return (
            f'[auth]\nredirect_uri = "{app}/oauth2callback"\ncookie_secret = "{"c" * 32}"\nclient_id = "bayan"\n'
            f'client_secret = "{"s" * 32}"\nserver_metadata_url = "{self.url}/.well-known/openid-configuration"\n'
        )

    def token(self, code: str) -> str:
        subject, nonce = self.nonces.pop(code)
        now = int(time.time())
        claims = {"iss": self.url, "aud": "bayan", "sub": subject, "iat": now, "exp": now + 600, "nonce": nonce}
        claims["email"] = f"{subject}@example.org"
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)


class _Handler(BaseHTTPRequestHandler):
    owner: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path:
            case "/.well-known/openid-configuration":
                self._json(
                    {
                        "issuer": self.owner.url,
                        "authorization_endpoint": f"{self.owner.url}/authorize",
                        "token_endpoint": f"{self.owner.url}/token",
                        "jwks_uri": f"{self.owner.url}/keys",
                        "response_types_supported": ["code"],
                        "id_token_signing_alg_values_supported": ["RS256"],
                    }
                )
            case "/keys":
                self._json({"keys": [self.owner.key.as_dict(private=False)]})
            case "/authorize":
                code = f"code-{len(self.owner.nonces)}-{self.owner.subject}"
                self.owner.nonces[code] = self.owner.subject, asked.get("nonce", "")
                self.send_response(302)
                back = urlencode({"code": code, "state": asked["state"]})
                self.send_header("Location", f"{asked['redirect_uri']}?{back}")
                self.end_headers()

    def do_POST(self) -> None:
        given = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._json({"access_token": "a", "token_type": "Bearer", "id_token": self.owner.token(given["code"][0])})

    def _json(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""
