"""Where a carrier comes at times of its own: which stock point, which weekdays, when."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access
from oms.orchestration.models.carriers import CarrierService
from oms.sourcing.calendars import WEEKDAYS, minutes_of
from oms.sourcing.carriers import PickUps

NO_TIME = _("At least one time of one day; without any it collects as everywhere.")
NOT_COLLECTED = _("This service does not collect at this stock point.")


class PickUpTimesQuerySet(models.QuerySet["PickUpTimes"]):
    def visible_to(self, access: Access) -> Self:
        """As the services they belong to."""
        return self if access.is_unlimited else self.none()


def _times(day: str) -> Any:
    return ArrayField(models.TimeField(), verbose_name=DAY_NAMES[WEEKDAYS.index(day)], default=list, blank=True)


class PickUpTimes(models.Model):
    """When one service collects at one stock point, in the stock point's zone: what is ready by then goes along.
    They stand for the service's own pick-up time and working days there; its holidays hold everywhere. A stock point
    without such a row is collected at as everywhere."""

    carrier_service = models.ForeignKey(
        CarrierService, verbose_name=_("carrier service"), on_delete=models.CASCADE, related_name="pick_ups"
    )
    stock_point = models.ForeignKey(
        "stock.StockPoint", verbose_name=_("stock point"), on_delete=models.CASCADE, related_name="+"
    )
    mon = _times("mon")
    tue = _times("tue")
    wed = _times("wed")
    thu = _times("thu")
    fri = _times("fri")
    sat = _times("sat")
    sun = _times("sun")

    objects = PickUpTimesQuerySet.as_manager()

    class Meta:
        verbose_name = _("pick-up times of a stock point")
        verbose_name_plural = _("pick-up times")
        ordering = ["carrier_service", "stock_point"]
        constraints = [
            models.UniqueConstraint(
                fields=["carrier_service", "stock_point"], name="orchestration_pickuptimes_service_point_unique"
            ),
            models.CheckConstraint(
                condition=reduce(or_, (Q(**{f"{day}__len__gt": 0}) for day in WEEKDAYS)),
                name="orchestration_pickuptimes_at_least_one_time",
                violation_error_message=NO_TIME,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier_service}, {self.stock_point}"

    def clean(self) -> None:
        if not self.carrier_service_id or not self.stock_point_id:
            return
        service = self.carrier_service
        if not service.collects_everywhere and not service.stock_points.filter(pk=self.stock_point_id).exists():
            raise ValidationError({"stock_point": NOT_COLLECTED})

    @property
    def week(self) -> PickUps:
        """As the engine takes them."""
        return tuple(tuple(sorted({minutes_of(at) for at in getattr(self, day)})) for day in WEEKDAYS)
