"""Connections whose headers say what is not so, by name: who is there, whose page it is, who is logged in.

`{port}` is the server's port. What each wants is in its group: the tables of the machine's owner, a file of the machine
by its path, another visitor's tables, or somebody's login.
"""

from __future__ import annotations

import base64
import json

from tests.attacks.attack import attacks
from tests.handshake import Handshake

NAME = "bayan.example"
"""The name under which the server is known to Streamlit."""

_SOMEBODY = {"origin": "http://127.0.0.1", "is_logged_in": True, "sub": "ada", "iss": "http://127.0.0.1:9"}
_PLAIN = base64.b64encode(json.dumps(_SOMEBODY).encode()).decode()

REBINDING = attacks(
    "headers",
    "the tables, the questions and the key of whoever has Bayan open, from a web page in the same browser",
    {
        "a name that leads here": Handshake("evil.example"),
        "a name that leads here, in capitals": Handshake("EVIL.example"),
        "a name with a dot at its end": Handshake("evil.example."),
        "a name that begins as ours": Handshake("localhost.evil.example"),
        "a name that begins as our address": Handshake("127.0.0.1.evil.example"),
        "a name that ends almost as ours": Handshake("evil-localhost.example"),
        "a name with letters of another script": Handshake("xn--lcalhost-8gg.example"),
        "a name that only looks like a number": Handshake("0x7f.0.0.1.example"),
        "a name below the server's": Handshake(f"evil.{NAME}"),
        "another page of the same browser": Handshake(origin="https://evil.example"),
        "another page with our port": Handshake(origin="http://evil.example:{port}"),
        "a page without an origin of its own": Handshake(origin="null"),
        "a page from a file": Handshake(origin="file://"),
        "a page whose name begins as ours": Handshake(origin="http://127.0.0.1.evil.example:{port}"),
        "a page that names us as its user": Handshake(origin="http://127.0.0.1:{port}@evil.example"),
        "a page that says it is an extension": Handshake(origin="chrome-extension://evil"),
        "a page that says it was fetched here": Handshake(
            origin="https://evil.example", headers={"Sec-Fetch-Site": "same-origin", "Referer": "http://127.0.0.1"}
        ),
        "a page that names the host otherwise": Handshake(
            origin="https://evil.example", headers={"X-Forwarded-Host": "evil.example"}
        ),
    },
)

SITS_HERE = attacks(
    "headers",
    "any file of the server, by its path, for somebody who is not at it",
    {
        "a proxy's word for this machine": Handshake(headers={"X-Forwarded-For": "127.0.0.1"}),
        "a proxy's word with a chain": Handshake(headers={"X-Forwarded-For": "127.0.0.1, 192.0.2.1"}),
        "a proxy's word of IPv6": Handshake(headers={"X-Forwarded-For": "::1"}),
        "an empty word of a proxy": Handshake(headers={"X-Forwarded-For": ""}),
        "a host that a proxy hands on": Handshake(headers={"X-Forwarded-Host": "localhost"}),
        "a server's name from a proxy": Handshake(headers={"X-Forwarded-Server": "localhost"}),
        "the real address": Handshake(headers={"X-Real-IP": "127.0.0.1"}),
        "the standard's word": Handshake(headers={"Forwarded": "for=127.0.0.1;host=localhost"}),
        "a cache on the way": Handshake(headers={"Via": "1.1 localhost"}),
        "a network's word": Handshake(headers={"CF-Connecting-IP": "127.0.0.1"}),
        "another network's word": Handshake(headers={"True-Client-IP": "127.0.0.1"}),
        "a client's address": Handshake(headers={"X-Client-IP": "127.0.0.1"}),
        "a client's address in a cluster": Handshake(headers={"X-Cluster-Client-IP": "127.0.0.1"}),
        "a client's address at the edge": Handshake(headers={"Fastly-Client-IP": "127.0.0.1"}),
        "an address from Envoy": Handshake(headers={"X-Envoy-External-Address": "127.0.0.1"}),
        "the original host": Handshake(headers={"X-Original-Host": "localhost"}),
        "a proxy that names this machine and is silent": Handshake(origin=f"https://{NAME}"),
        "a proxy that is silent, at another port": Handshake(origin=f"http://{NAME}:8080"),
        "the server's own name": Handshake(NAME),
    },
)

OTHERS_TABLES = attacks(
    "headers",
    "the tables of another visitor",
    {
        "a cookie with the folder": Handshake(headers={"Cookie": "w={folder}; id={folder}"}),
        "a header of trust": Handshake(headers={"X-Streamlit-User": '{{"sub": "ada"}}', "X-User": "ada"}),
        "a name and a password": Handshake(headers={"Authorization": "Basic YWRhOmFkYQ=="}),
        "a session that goes on": Handshake(protocols=("streamlit", "token", "00000000-0000-0000-0000-000000000000")),
        "a session under the folder's name": Handshake(protocols=("streamlit", "x", "workspaces")),
        "a cookie with a path": Handshake(headers={"Cookie": "_streamlit_session=../../workspace"}),
        "very many cookies": Handshake(headers={"Cookie": "; ".join(f"c{at}={'x' * 40}" for at in range(150))}),
    },
)

LOGS_IN = attacks(
    "headers",
    "the login of somebody, with their tables",
    {
        "a cookie in plain words": Handshake(headers={"Cookie": f"_streamlit_user={json.dumps('ada')}"}),
        "a cookie that nobody signed": Handshake(headers={"Cookie": f"_streamlit_user={_PLAIN}"}),
        "a cookie with a signature of nothing": Handshake(headers={"Cookie": f"_streamlit_user={_PLAIN}.AAAA.AAAA"}),
        "a cookie in parts": Handshake(
            headers={"Cookie": f"_streamlit_user=chunks-2; _streamlit_user__1={_PLAIN}; _streamlit_user__2={_PLAIN}"}
        ),
        "a token that claims no signature": Handshake(
            headers={"Cookie": "_streamlit_user_tokens=eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ."}
        ),
        "a word in the address": Handshake(query="is_logged_in=true&sub=ada"),
        "a header of trust where one logs in": Handshake(headers={"X-Streamlit-User": '{{"sub": "ada"}}'}),
        "a workspace in the address": Handshake(query="w={folder}"),
        "a name that leads here, where one logs in": Handshake("evil.example"),
    },
)

CASES = (*REBINDING, *SITS_HERE, *OTHERS_TABLES, *LOGS_IN)
