"""Where a webhook may go: to addresses of the public internet.

An address that is written out is refused when it is registered; a name is asked at the moment of delivery.
"""

from __future__ import annotations

import ipaddress
import socket

from django.conf import settings
from django.utils.translation import gettext_noop

from oms.core.errors import Invalid

PORTS = {"http": 80, "https": 443}


class PrivateAddress(Exception):
    """The host is, or has become, an address inside a private network."""


def check_form(url: str) -> None:
    """Raises `Invalid` for what is no address of a web server, or plainly of a private network. No name is asked."""
    from httpx import URL, InvalidURL

    try:
        parsed = URL(url)
    except InvalidURL as error:
        raise Invalid(gettext_noop("url: This is not a URL.")) from error
    if parsed.scheme not in PORTS or not parsed.host:
        raise Invalid(gettext_noop("url: A URL begins with https:// and names a host."))
    if parsed.scheme == "http" and not settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES:
        raise Invalid(gettext_noop("url: Only https:// is sent to."))
    if parsed.userinfo:
        raise Invalid(gettext_noop("url: A URL carries no name or password."))
    if not settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES and _is_plainly_private(parsed.host):
        raise Invalid(gettext_noop("url: This is an address of a private network: nothing is sent there."))


def public_address(host: str, port: int) -> str:
    """One of the host's addresses, all of which must be public: it is this one that is connected to.

    Raises `PrivateAddress`, and `OSError` where the name is unknown.
    """
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES:
        return found[0]
    if not all(_is_public(address) for address in found):
        raise PrivateAddress(f"{host} is an address of a private network.")
    return found[0]


def _is_plainly_private(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _written_out(name)
    return address is not None and not _is_public(address)


def _written_out(host: str) -> str | None:
    """The address a host says itself, also as `127.1` or one number, as resolvers read it; None for a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.split("%", 1)[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_global and not (mapped or parsed).is_multicast
