"""What ways of delivery and services are called, for templates."""

from __future__ import annotations

from django import template
from django.utils.text import capfirst
from django.utils.translation import get_language

from oms.orchestration.queries.carrier_names import carrier_names, from_code
from oms.orchestration.wording import MODES, SERVICES, Pair

register = template.Library()


@register.filter
def mode_words(code: str) -> str:
    return _told(MODES, code)


@register.filter
def service_words(code: str) -> str:
    """A service of the retailer's own is called what it is called; without a name, as its code reads."""
    named = carrier_names().services.get(code)
    return named or (_told(SERVICES, code) if code in SERVICES else from_code(code))


def _told(names: dict[str, Pair], code: str) -> str:
    if code not in names:
        return code
    english, french = names[code]
    return str(capfirst(french if (get_language() or "").startswith("fr") else english))
