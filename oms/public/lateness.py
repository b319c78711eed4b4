"""An honest word about the day: later than promised, or about to be."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from oms.core.days import day_text


def late_words(*, promised: date | None, expected: date | None, today: date) -> str:
    """Empty while the promise may still be kept. Said only of what has not arrived."""
    if promised is None:
        return ""
    if expected is not None and expected > promised and expected >= today:
        return _("Later than we promised: we now expect it by %(expected)s instead of %(promised)s. We are sorry.") % {
            "expected": day_text(expected),
            "promised": day_text(promised),
        }
    if today > promised:
        return _(
            "It should have arrived by %(promised)s. It is late, and we do not know the new day yet. We are sorry."
        ) % {"promised": day_text(promised)}
    return ""


def behind_words(*, due_at: datetime | None, now: datetime) -> str:
    """It should have left by now: the promise is in danger before it is broken."""
    if due_at is None or due_at >= now:
        return ""
    return _("We are behind with preparing it: it should have left already, so it may arrive late.")
