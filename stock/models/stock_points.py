"""Where stock lies."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access, limited
from oms.sourcing.calendars import work_calendar
from stock.models.banners import Banner


def default_timezone() -> str:
    return settings.TIME_ZONE


def default_currency() -> str:
    return settings.BASE_CURRENCY


class StockPointKind(models.TextChoices):
    WAREHOUSE = "warehouse", _("warehouse")
    STORE = "store", _("store")
    SUPPLIER = "supplier", _("supplier")
    DISTRIBUTOR = "distributor", _("distributor")
    RESELLER = "reseller", _("reseller")
    MARKETPLACE = "marketplace", _("marketplace")


class StockPointGroup(models.Model):
    """A named set of stock points, for rules."""

    code = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("stock point group")
        verbose_name_plural = _("stock point groups")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code"], name="stock_stockpointgroup_code_unique")]

    def __str__(self) -> str:
        return self.name or self.code


class StockPointQuerySet(models.QuerySet["StockPoint"]):
    def visible_to(self, access: Access) -> Self:
        return limited(self, access, stock_point="pk")  # type: ignore[return-value]

    def open(self, *, at: datetime) -> Self:
        """Active and not paused at that moment, by the date in each point's own zone."""
        return self.filter(Q(paused_until__isnull=True) | Q(paused_until__lte=_local_day(at)), is_active=True)

    def paused(self, *, at: datetime) -> Self:
        """Active but for a pause that is not over at that moment."""
        return self.filter(paused_until__gt=_local_day(at), is_active=True)

    def with_pause_over(self, *, at: datetime) -> Self:
        """Those that still carry a pause which has ended."""
        return self.filter(paused_until__lte=_local_day(at))


def _local_day(at: datetime) -> Cast:
    """The date at that moment in a stock point's own zone: `timezone(zone, at)::date`."""
    wall_clock = models.Func(F("timezone"), models.Value(at), function="timezone", output_field=models.DateTimeField())
    return Cast(wall_clock, models.DateField())


class StockPoint(models.Model):
    """A place that holds stock, with what it offers and when it works."""

    code = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=StockPointKind)
    banner = models.ForeignKey(
        Banner, null=True, blank=True, on_delete=models.PROTECT, related_name="stock_points", db_index=False
    )
    groups = models.ManyToManyField(StockPointGroup, blank=True, related_name="stock_points")
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    line1 = models.CharField(max_length=200, blank=True, help_text=_("Number and street, as customers are told it."))
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, help_text=_("ISO 3166, two letters."))
    timezone = models.CharField(max_length=64, default=default_timezone)

    is_active = models.BooleanField(default=True)
    ships_orders = models.BooleanField(default=True)
    offers_pickup = models.BooleanField(default=True)
    offers_reservation = models.BooleanField(default=True)
    takes_orders = models.BooleanField(default=True)
    accepts_returns = models.BooleanField(default=True)

    daily_order_capacity = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Orders a day; empty: unlimited, 0: closed.")
    )
    hourly_order_capacity = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Orders an opening hour; what comes while it is closed is for the next one.")
    )
    paused_until = models.DateField(
        null=True, blank=True, help_text=_("The day on which it takes part again, in its own zone.")
    )
    priority = models.IntegerField(default=100, help_text=_("Lower first."))
    handling_cost = models.DecimalField(max_digits=12, decimal_places=4, default=Decimal("0"))
    currency = models.CharField(max_length=3, default=default_currency)
    preparation_minutes = models.PositiveIntegerField(default=0)
    expected_decline_percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=Decimal("0"),
        help_text=_("How much of the work it is offered it is expected to decline, until this is learned."),
    )
    opening_hours = models.JSONField(
        default=dict, blank=True, help_text=_('{"mon": [["10:00", "19:00"]], …}; empty: always open.')
    )
    closed_on = ArrayField(models.DateField(), default=list, blank=True)
    cut_off = models.TimeField(null=True, blank=True, help_text=_("Orders after it are prepared the next working day."))

    objects = StockPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock point")
        verbose_name_plural = _("stock points")
        permissions = [("pause_stockpoint", _("Can pause and reopen a stock point"))]
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="stock_stockpoint_code_unique"),
            models.CheckConstraint(condition=Q(kind__in=StockPointKind.values), name="stock_stockpoint_kind_known"),
            models.CheckConstraint(condition=Q(handling_cost__gte=0), name="stock_stockpoint_cost_not_negative"),
            models.CheckConstraint(
                condition=Q(expected_decline_percent__range=(0, 100)),
                name="stock_stockpoint_expected_decline_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="stock_stockpoint_place_on_earth",
            ),
        ]
        indexes = [models.Index(fields=["banner"], name="stock_stockpoint_by_banner")]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Street, postcode and town in one line, as far as they are known."""
        town = " ".join(part for part in (self.postcode, self.city) if part)
        return ", ".join(part for part in (self.line1, town) if part)

    def clean(self) -> None:
        errors = place_errors(self)
        if errors:
            raise ValidationError(errors)

    def local_day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.timezone)).date()

    def is_open(self, at: datetime) -> bool:
        """Whether its stock may be promised at that moment; the same rule as the queryset's `open`."""
        return self.is_active and not self.is_paused(at)

    def is_paused(self, at: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > self.local_day(at)


def place_errors(point: StockPoint) -> dict[str, Any]:
    """What is wrong with each field, beyond what its column says: whoever writes by hand or by a file is told."""
    found: dict[str, Any] = {}
    if not re.fullmatch("[A-Z]{2}", point.country or ""):
        found["country"] = _("ISO 3166, two letters.")
    if not re.fullmatch("[A-Z]{3}", point.currency or ""):
        found["currency"] = _("ISO 4217, for example EUR.")
    if point.timezone not in available_timezones():
        found["timezone"] = _("This is not a time zone's name.")
    if (point.latitude is None) != (point.longitude is None):
        found["latitude"] = _("Latitude and longitude are given together.")
    try:
        work_calendar(point.opening_hours)
    except (ValueError, TypeError, AttributeError):
        found["opening_hours"] = _('Opening hours are {"mon": [["10:00", "19:00"]], …}, in order and without overlaps.')
    return found


class NetworkVersion(models.Model):
    """One row whose version changes with every write to stock points, groups or channels (by trigger).

    Whatever is computed from the network's configuration can be kept as long as the version stays.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.UUIDField()

    class Meta:
        verbose_name = _("network version")
        verbose_name_plural = _("network versions")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="stock_networkversion_one_row")]

    def __str__(self) -> str:
        return str(self.version)
