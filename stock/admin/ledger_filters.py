"""The ledger's list looks through its last days only, where it would have to read all of it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final

from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.views.main import IGNORED_PARAMS, PAGE_VAR, SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from oms.core import clock
from oms.core.access import access_for
from oms.core.admin.moment_filters import MomentRangeFilter
from stock.queries.recent_movements import recorded_since

LOOKED_BACK_DAYS: Final = 30
LOOKED_FURTHER_BACK_DAYS: Final = (90, 365)
# What finds its movements by an index.
_INDEXED: Final = (SEARCH_VAR, "variant", "reference", "id")
_NOT_NARROWING: Final = {*IGNORED_PARAMS, PAGE_VAR, IS_POPUP_VAR} - {SEARCH_VAR}


class RecordedFilter(MomentRangeFilter):
    """Narrowed by neither an article, a reference nor a time, only what was recorded lately is looked through.

    `looked_since`: from when, where that is so.
    """

    looked_since: datetime | None = None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        begin = self.begin
        if begin is None and self._reads_all(request):
            begin = self.looked_since = days_ago(LOOKED_BACK_DAYS)
        found = super().queryset(request, queryset)
        return found if begin is None else recorded_since(found, begin)

    def _reads_all(self, request: HttpRequest) -> bool:
        """Without any narrowing the newest page is the ledger's end; who is bound to stock points always narrows."""
        narrowing = {name for name, value in request.GET.items() if value and name not in _NOT_NARROWING}
        if any(name == known or name.startswith(f"{known}__") for name in narrowing for known in _INDEXED):
            return False
        if self.end is not None:
            return False
        return bool(narrowing) or access_for(request).stock_points is not None

    def earlier(self) -> list[tuple[int, str]]:
        """Further back: so many days, and the first of them."""
        return [(days, f"{days_ago(days):%Y-%m-%d}") for days in LOOKED_FURTHER_BACK_DAYS]


def days_ago(days: int) -> datetime:
    """The beginning of a day, in the zone the lists show."""
    today = timezone.localtime(clock.now()).date()
    return timezone.make_aware(datetime.combine(today - timedelta(days=days), time.min))
