"""Addresses by name: endpoints that a visitor types, where endpoints lead on to, page parameters, page paths.

`{port}` is that of a listener on this machine which must not hear a byte; `{folder}` the name of another's workspace.
"""

from __future__ import annotations

from tests.attacks.attack import attacks
from tests.handshake import Handshake

SPELLINGS = (
    "127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.0.0.2 0.0.0.0 0 localhost LOCALHOST "
    "[::1] [::ffff:127.0.0.1] [0:0:0:0:0:ffff:7f00:1]"
).split()
"""This machine, under every name that the system understands."""

ENDPOINTS = {
    **{f"this machine as {one}": f"http://{one}:{{port}}" for one in SPELLINGS},
    "this machine in wide digits": "http://１２７.0.0.1:{port}",
    "this machine with dots of another script": "http://127\u30020\u30020\u30021:{port}",
    "this machine in circled digits": "http://①②⑦.⓪.⓪.①:{port}",
    "this machine with a dot at its end": "http://localhost.:{port}",
    "this machine with zeros": "http://127.000.000.001:{port}",
    "this machine as an unspecified address": "http://[::]:{port}",
    "this machine behind a translation": "http://[64:ff9b::7f00:1]:{port}",
    "this machine behind a tunnel": "http://[2002:7f00:1::]:{port}",
    "this machine below localhost": "http://evil.localhost:{port}",
    "this machine behind a user": "http://public.example@127.0.0.1:{port}",
    "this machine behind a password": "http://a:b@127.0.0.1:{port}",
    "this machine behind a backslash": "http://public.example\\@127.0.0.1:{port}",
    "this machine behind a fragment": "http://127.0.0.1:{port}#@public.example",
    "this machine behind a question mark": "http://127.0.0.1:{port}?@public.example",
    "this machine behind a line's end": "http://127.0.0.1:{port}/\r\nHost: public.example",
    "a header in the address": "http://127.0.0.1:{port}/v1 HTTP/1.1\r\nX-Evil: 1\r\n\r\n",
    "a tab in the scheme": "ht\ttp://127.0.0.1:{port}",
    "no scheme": "//127.0.0.1:{port}",
    "a scheme without slashes": "http:127.0.0.1:{port}",
    "three slashes": "http:///127.0.0.1:{port}",
    "a port that is none": "http://127.0.0.1:0",
    "a port beyond all": "http://127.0.0.1:99999",
    "a file": "file:///etc/passwd",
    "a socket of the system": "http+unix://%2Fvar%2Frun%2Fdocker.sock/v1",
    "gopher": "gopher://127.0.0.1:{port}/_GET%20/",
    "ftp": "ftp://127.0.0.1:{port}/",
    "data": "data:application/json,{{}}",
    "a script": "javascript:alert(1)",
    "metadata of a cloud": "http://169.254.169.254",
    "metadata as one number": "http://2852039166",
    "metadata in hexadecimal": "http://0xa9.0xfe.0xa9.0xfe",
    "metadata in IPv6": "http://[fd00:ec2::254]",
    "metadata mapped": "http://[::ffff:169.254.169.254]",
    "metadata of another cloud": "http://100.100.100.200",
    "metadata by Azure's wire": "http://168.63.129.16",
    "the network at home": "http://192.168.0.1",
    "the network at work": "http://10.0.0.1:8080",
    "the network of a container": "http://172.17.0.1",
    "everybody in the network": "http://255.255.255.255",
    "a group in the network": "http://224.0.0.1",
    "a neighbour by link": "http://[fe80::1%25eth0]",
}

REDIRECTS = {
    f"{status} to {what}": (status, to)
    for status in (301, 302, 303, 307, 308)
    for what, to in {"this machine": "http://127.0.0.1:{port}/v1/models", "no scheme": "//127.0.0.1:{port}/"}.items()
} | {
    "300 to a choice": (300, "http://127.0.0.1:{port}/"),
    "201 to what was made": (201, "http://127.0.0.1:{port}/"),
    "302 to a file": (302, "file:///etc/passwd"),
    "302 to metadata": (302, "http://169.254.169.254/latest/meta-data/"),
    "302 to a user": (302, "http://key:secret@127.0.0.1:{port}/"),
}

PARAMETERS = {
    "a path as the workspace": Handshake(query="w=../workspace"),
    "a path in other letters": Handshake(query="w=..%2F..%2Fworkspace"),
    "the folder as the workspace": Handshake(query="w={folder}"),
    "the folder with a path": Handshake(query="w=workspaces%2F{folder}"),
    "the folder, twice": Handshake(query="w={folder}&w={folder}"),
    "an id of the right length": Handshake(query="w=" + "A" * 32),
    "an id that ends early": Handshake(query="w=%00" + "A" * 31),
    "a pattern": Handshake(query="w=*"),
    "SQL as the workspace": Handshake(query="w=' OR 1=1 --"),
    "a very long id": Handshake(query="w=" + "A" * 60_000),
    "half a character": Handshake(query="w=%ED%A0%80"),
    "a slide far away": Handshake(page="board", query="present=999999999999"),
    "a slide that is a script": Handshake(page="board", query="present=<script>document.title</script>"),
    "a conversation that is a path": Handshake(page="chat", query="c=../../workspace"),
    "a conversation that is a script": Handshake(page="chat", query="c=<script>document.title</script>"),
    "embedded, with its own page": Handshake(query="embed=true&embed_options=show_toolbar"),
    "a page that is a path": Handshake(page="../../etc/passwd"),
    "a page of the code": Handshake(page="lib/settings.py"),
}

PATHS = {
    "above the pages": "/../../../../etc/passwd",
    "above, in other letters": "/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "above, in other letters twice": "/%252e%252e/%252e%252e/etc/passwd",
    "above, with backslashes": "/..\\..\\..\\..\\etc\\passwd",
    "above the static files": "/static/../../../../../../../../etc/passwd",
    "above the app's static files": "/app/static/../../../../etc/passwd",
    "above the media": "/media/../../../../etc/passwd",
    "media of a guess": "/media/0000000000000000000000000000000000000000.csv",
    "above the components": "/component/bayan/../../../../etc/passwd",
    "above the components of now": "/_stcore/bidi-components/bayan-jump/../../../../../etc/passwd",
    "the whole path": "//etc/passwd",
    "a file address": "/file:///etc/passwd",
    "a zero byte": "/%00/etc/passwd",
    "the secrets": "/.streamlit/secrets.toml",
    "the settings' code": "/lib/settings.py",
    "the tables' folder": "/workspaces/{folder}/files/1-payroll.csv",
    "the uploads": "/_stcore/upload_file/{folder}/1",
    "the numbers of the server": "/_stcore/metrics",
    "another host as the path": "http://169.254.169.254/latest/meta-data/",
}

CASES = (
    *attacks("urls", "what answers inside the server's network, asked by the server", ENDPOINTS),
    *attacks("urls", "a request with the key, or from inside the network, where an endpoint leads to", REDIRECTS),
    *attacks("urls", "another visitor's tables, or markup from an address that acts on the page", PARAMETERS),
    *attacks("urls", "a file of the server", PATHS),
)
