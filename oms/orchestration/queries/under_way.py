"""What has begun and is not over: asked of whoever keeps it.

`settings.UNDER_WAY` names two functions, `works` and `parcels`, each `(*, since) -> list[UnderWay]`: orchestration
does not know who carries out what it decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A case that runs: since when, at which stock point; of a parcel the service and its zone."""

    stock_point_id: int
    began_at: datetime
    service: str = ""
    zone: str = ""


def works_under_way(*, since: datetime) -> list[UnderWay]:
    found: list[UnderWay] = import_string(settings.UNDER_WAY["works"])(since=since)
    return found


def parcels_under_way(*, since: datetime) -> list[UnderWay]:
    found: list[UnderWay] = import_string(settings.UNDER_WAY["parcels"])(since=since)
    return found
