"""Passwords cannot be guessed: after a few failures for a name from an address, no more tries for a while."""

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from oms.core.errors import TooManyAttempts
from oms.core.models import LoginFailure, User
from oms.core.queries.machine_time import ago

FAILURES_ALLOWED = 5
WITHIN_S = 15 * 60
LONGEST_NAME = 150
UNKNOWN_ADDRESS = "::"


class LimitedBackend(ModelBackend):
    """Django's own, which raises `TooManyAttempts` instead of looking at one more password.

    The failures are kept in the database: a flushed cache or a second web server forgets nothing.
    """

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if request is None or username is None:
            return super().authenticate(request, username=username, password=password, **kwargs)  # type: ignore[return-value]
        failure = {"username": username[:LONGEST_NAME].casefold(), "address": address_of(request)}
        recent = LoginFailure.objects.filter(**failure, at__gt=ago(WITHIN_S))
        if recent.count() >= FAILURES_ALLOWED:
            raise TooManyAttempts(data={"retry_after": WITHIN_S})
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if user is None:
            LoginFailure.objects.create(**failure)
        else:
            recent.delete()
        return user  # type: ignore[return-value]


def address_of(request: HttpRequest) -> str:
    """The client's address; behind `TRUSTED_PROXIES` proxies of our own, what the outermost of them saw."""
    proxies: int = getattr(settings, "TRUSTED_PROXIES", 0)
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    told = forwarded[-proxies] if 0 < proxies <= len(forwarded) else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(told))
    except ValueError:
        return UNKNOWN_ADDRESS
