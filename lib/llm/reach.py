"""Which addresses a visitor may make this server connect to: those of the open internet, and no neighbour's."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_ROUTED = IPv6Network("2000::/3")
_TRANSLATED = IPv6Network("64:ff9b::/96")
# What Azure and Oracle offer to their own machines, at addresses that Python takes for public.
_OF_THE_CLOUD = (IPv4Network("168.63.129.16/32"), IPv4Network("192.0.0.0/24"))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, whichever way it is wrapped."""
    try:
        return _is_public(ip_address(address))
    except ValueError:
        return False


def addresses(host: str, port: int) -> tuple[str, ...]:
    """The IP addresses of a host, however it is spelled, in the system's order. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


def is_named(host: str, port: int, allowed: str) -> bool:
    """Whether a list such as `gpu.example, 10.0.0.7:8000` names the host, for this port or for all."""
    named = {one.strip().lower().rstrip(".") for one in allowed.split(",")}
    host = host.lower().rstrip(".")
    return bool(host) and not named.isdisjoint({host, f"{host}:{port}", f"[{host}]", f"[{host}]:{port}"})


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not (address.is_multicast or any(address in one for one in _OF_THE_CLOUD))
    inner = address.ipv4_mapped or address.sixtofour
    if address in _TRANSLATED:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return _is_public(inner) if inner else address in _ROUTED and address.is_global
