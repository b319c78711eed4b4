"""Checks of `manage.py check --deploy`: what must not reach production."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Concern


@register(Tags.security, deploy=True)
def secret_key_is_not_the_default(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.SECRET_KEY != settings.DEVELOPMENT_SECRET_KEY:
        return []
    return [Error("SECRET_KEY is the one every developer knows.", hint="Set SECRET_KEY.", id="core.E001")]


@register(Tags.security, deploy=True)
def payments_are_real(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.SIMULATED_PAYMENTS:
        return []
    hint = "Unset SIMULATED_PAYMENTS."
    return [Error("Orders can be paid with simulated money.", hint=hint, id="core.E004")]


@register(deploy=True)
def customers_can_be_reached(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Links in mails lead somewhere, and mails leave the machine."""
    found: list[CheckMessage] = []
    if not settings.PUBLIC_URL.startswith("https://"):
        hint = "Set PUBLIC_URL, for example https://orders.example.org."
        found.append(Concern("Customers cannot follow the links they are sent.", hint=hint, id="core.W002"))
    if not settings.EMAIL_URL:
        hint = "Set EMAIL_URL, for example smtp+tls://user:password@smtp.example.org:587."
        found.append(Concern("Customers are sent nothing: mails are only kept.", hint=hint, id="core.W003"))
    return found
