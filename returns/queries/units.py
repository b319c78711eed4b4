"""How many units of a return wait for what."""

from __future__ import annotations

from django.db.models import Sum
from django.db.models.functions import Coalesce

from returns.models import Return, ReturnLine


def uninspected_units(returned: Return) -> dict[ReturnLine, int]:
    """Received units nobody has looked at, by line, in the lines' order; lines without any are left out."""
    lines = (
        ReturnLine.objects.filter(returned=returned)
        .annotate(inspected=Coalesce(Sum("dispositions__quantity"), 0))
        .order_by("position")
    )
    waiting = {line: line.received_quantity - line.inspected for line in lines}
    return {line: units for line, units in waiting.items() if units > 0}
