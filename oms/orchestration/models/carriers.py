"""The services carriers offer: where they go, when, for how much."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access
from oms.orchestration.tariffs import service_errors

NO_SOURCE = _("Factors that are no estimate have a source.")


class CarrierServiceQuerySet(models.QuerySet["CarrierService"]):
    def visible_to(self, access: Access) -> Self:
        """Services belong to the whole retailer: who is bound to a part of it configures none."""
        return self if access.is_unlimited else self.none()


def weekdays() -> list[int]:
    return [1, 2, 3, 4, 5]


class CarrierService(models.Model):
    """One service of one carrier. Tables are lists of `{"zone", "up_to_g", "amount"}`, amounts as texts;
    `transit_days` are working days by zone."""

    carrier = models.CharField(_("carrier"), max_length=60)
    service = models.CharField(_("service"), max_length=60)
    carrier_name = models.CharField(
        _("carrier's name"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text=_("As staff and customers read it; empty: as its code reads."),
    )
    service_name = models.CharField(
        _("service's name"), max_length=80, blank=True, default="", db_default="", help_text=_("Likewise.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    modes = ArrayField(models.CharField(max_length=20), verbose_name=_("modes"))
    zones = models.JSONField(_("zones"), help_text=_('[{"code": "FR", "countries": ["FR"], "postcode_prefixes": []}]'))
    transit_days = models.JSONField(_("transit days"), help_text=_('Working days by zone: {"FR": 2}'))
    price_table = models.JSONField(
        _("price table"),
        default=list,
        blank=True,
        help_text=_('What customers pay: [{"zone": "FR", "up_to_g": 1000, "amount": "4.90"}]'),
    )
    cost_table = models.JSONField(
        _("cost table"), default=list, blank=True, help_text=_("What the retailer pays for a parcel, likewise.")
    )
    cut_off = models.TimeField(
        _("pick-up time"),
        null=True,
        blank=True,
        help_text=_("In the stock point's zone, wherever the stock point has no pick-up times of its own."),
    )
    working_days = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("working days"),
        default=weekdays,
        help_text=_("1 is Monday, 7 Sunday."),
    )
    closed_on = ArrayField(models.DateField(), verbose_name=_("closed on"), default=list, blank=True)
    holidays = models.CharField(
        _("public holidays of"), max_length=2, blank=True, help_text=_("A country's code: no work on its holidays.")
    )
    max_weight_g = models.PositiveIntegerField(_("greatest weight (g)"), null=True, blank=True)
    max_length_mm = models.PositiveIntegerField(_("longest side (mm)"), null=True, blank=True)
    max_girth_mm = models.PositiveIntegerField(
        _("greatest girth (mm)"), null=True, blank=True, help_text=_("The longest side and twice the two others.")
    )
    max_km = models.PositiveIntegerField(
        _("reach (km)"), null=True, blank=True, help_text=_("From the stock point; of an own courier, say.")
    )
    barred = models.JSONField(
        _("articles that may not travel"),
        default=list,
        blank=True,
        help_text=_('[{"zones": ["FR"], "categories": ["aerosols"], "skus": []}]; without zones: nowhere.'),
    )
    slots = models.JSONField(
        _("delivery slots"),
        default=list,
        blank=True,
        help_text=_('The hours in which it comes, at the destination: [["18:00", "20:00"]]'),
    )
    emission_g_per_t_km = models.DecimalField(
        _("emissions per tonne and km (gCO2e)"), max_digits=10, decimal_places=3, default=Decimal(400)
    )
    emission_g_per_parcel = models.DecimalField(
        _("emissions per parcel (gCO2e)"),
        max_digits=10,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("Hubs and last mile; empty: as the house's."),
    )
    emission_source = models.CharField(
        _("source of the emission factors"),
        max_length=200,
        blank=True,
        help_text=_("The carrier's own report, GLEC Framework, ADEME Base Empreinte, …, with its year."),
    )
    emission_is_estimate = models.BooleanField(
        _("emission factors are an estimate"),
        default=True,
        db_default=True,
        help_text=_("Until they are the carrier's own, or published ones with their source."),
    )
    currency = models.CharField(_("currency"), max_length=3)
    collects_everywhere = models.BooleanField(_("collects at every stock point"), default=True)
    stock_points = models.ManyToManyField(
        "stock.StockPoint", verbose_name=_("stock points"), blank=True, related_name="+"
    )

    objects = CarrierServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("carrier service")
        verbose_name_plural = _("carrier services")
        ordering = ["carrier", "service"]
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "service"], name="orchestration_carrierservice_carrier_service_unique"
            ),
            models.CheckConstraint(
                condition=Q(emission_g_per_t_km__gte=0), name="orchestration_carrierservice_emission_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(emission_g_per_parcel__isnull=True) | Q(emission_g_per_parcel__gte=0),
                name="orchestration_carrierservice_parcel_emission_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.service}"

    def clean(self) -> None:
        values = {field.name: getattr(self, field.name) for field in self._meta.concrete_fields}
        errors: dict[str, Any] = {**service_errors(values)}
        if not self.emission_is_estimate and not self.emission_source.strip():
            errors["emission_source"] = NO_SOURCE
        if errors:
            raise ValidationError(errors)
