"""How far the rules that were saved have come in being applied."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Max

from stock.models import PendingProtection, StockLevel


@dataclass(frozen=True, slots=True)
class Applying:
    """Some levels do not have what the rules give them yet."""

    percent: int
    """Of the first change that waits, by where its walk stands among the levels."""


def protection_being_applied() -> Applying | None:
    """None once every level has been walked through."""
    first = PendingProtection.objects.filter(walked_at=None).order_by("pk").first()
    if first is None:
        return None
    last = StockLevel.objects.aggregate(last=Max("pk"))["last"]
    return Applying(percent=share_walked(first, last_level_id=last))


def share_walked(pending: PendingProtection, *, last_level_id: int | None) -> int:
    """Per cent of the walk it is in."""
    return min(100 * pending.next_level_id // last_level_id, 100) if last_level_id else 100
