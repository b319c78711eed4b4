"""Days and moments as people write them: French says “1er décembre”, and numbers no other day so."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import get_language

# The first of a month that is named: what is written in figures only stays so.
_FIRST: Final = re.compile(r"(?<!\d)1 (?=[^\W\d])")


def day_text(day: date, form: str = "DATE_FORMAT") -> str:
    """In the reader's language; `form` as for Django's `date_format`."""
    return with_ordinal(date_format(day, form))


def with_ordinal(text: str) -> str:
    """A written day, the first of a month as the reader's language numbers it."""
    return _FIRST.sub("1er ", text) if (get_language() or "").startswith("fr") else text
