"""`{% load halles %}`: what every screen outside the admin shares."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from oms.core import clock, refusals
from oms.core.amounts import grouped, signed
from oms.core.icons import icon_svg
from oms.core.money import money_text
from oms.core.punctuation import colon
from oms.core.queries.actor_names import named_actors
from oms.core.views import ACTION_KEY

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon beside a text that says the same."""
    return mark_safe(icon_svg(name))  # noqa: S308 (our own drawings)


@register.simple_tag
def action_key() -> SafeString:
    """A fresh key for a form: sent twice, it is done once and answered alike."""
    return format_html('<input type="hidden" name="{}" value="{}">', ACTION_KEY, uuid.uuid4())


@register.simple_tag(name="colon")
def show_colon() -> str:
    """After a name or a code, as the reader's language sets it."""
    return colon()


@register.filter
def told(said: str) -> str:
    """What a service has said, in the reader's language."""
    return refusals.told(said)


@register.filter
def actor(who: str) -> str:
    """By name; one query. A list names everybody at once, with `named_actors`."""
    return named_actors([who])[who] if who else "–"


@register.filter
def money(amount: Decimal | str | None, currency: str) -> str:
    """An amount in the reader's format: `12,90 €`, `€12.90`."""
    if amount is None or amount == "":
        return "–"
    return money_text(Decimal(amount), currency)


@register.filter(name="grouped")
def show_grouped(amount: Any) -> Any:
    """How many, by thousands."""
    return grouped(amount)


@register.filter(name="signed")
def show_signed(amount: int) -> str:
    """How many came or went, by thousands."""
    return signed(amount)


@register.filter
def hours(value: timedelta | None) -> str:
    """A length of time in words, `-2 h 05` when it is over already."""
    if value is None:
        return ""
    minutes = int(value.total_seconds() // 60)
    sign, minutes = ("−" if minutes < 0 else ""), abs(minutes)
    days, minutes = divmod(minutes, 24 * 60)
    if days:
        return sign + ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    if minutes < 60:
        return sign + gettext("%(minutes)d min") % {"minutes": minutes}
    return f"{sign}{minutes // 60} h {minutes % 60:02d}"


@register.filter
def seconds_left(until: datetime | None) -> int | str:
    """Until a moment, for a browser to count down: it need not know what time it is."""
    return "" if until is None else max(0, round((until - clock.now()).total_seconds()))


@register.simple_tag
def url_or_nothing(name: str, *args: Any) -> str:
    """The address of a page, or nothing where no such page is."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
