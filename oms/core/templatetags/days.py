"""Django's `date`, in every template, with the first of a month as the reader's language numbers it."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import defaultfilters

from oms.core.days import with_ordinal

register = template.Library()


@register.filter(expects_localtime=True, is_safe=False)
def date(value: Any, form: str | None = None) -> str:
    return with_ordinal(defaultfilters.date(value, form))
