"""What was learned of times with its evidence, beside what is configured and what is promised with."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from oms.core.admin.base import OmsAdmin, ReadOnlyAdmin
from oms.core.admin.filters import worded
from oms.orchestration.models import LearnedPreparation, LearnedTransit, LearningPolicy
from oms.orchestration.queries.learning import Belief, belief
from oms.orchestration.queries.networks import configured_days
from oms.orchestration.templatetags.orchestration_words import service_words
from oms.sourcing.learning import SHARES


class _LearnedAdmin(ReadOnlyAdmin):
    """What all rows of a page need is read once and travels with them: one admin serves every request."""

    list_filter_submit = True
    list_select_related = ("stock_point",)

    unit: Any = ""
    list_before_template = "admin/orchestration/learned_times.html"

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> None:
        return None

    @admin.display(description=_("evidence"), ordering="evidence")
    def weighed(self, row: Any) -> str:
        return f"{row.evidence:.1f}"

    @admin.display(description=_("half of the cases within"))
    def typical(self, row: Any) -> Any:
        return row.spread[SHARES.index(0.5)] if len(row.spread) == len(SHARES) else "–"

    @admin.display(description=_("why"))
    def why(self, row: Any) -> Any:
        """What stands between what was learned and what is promised with."""
        return told_why(row.believed, row, evidence=row.whole, learned=self.learned(row), used=self.used(row))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With what the figures mean, and by which policy they are used."""
        policy = belief().policy
        told = {"policy": policy, "confidence": policy.confidence * 100, "unit": self.unit}
        if request.user.has_perm("orchestration.change_learningpolicy"):
            told["address"] = reverse("admin:orchestration_learningpolicy_changelist")
        return super().changelist_view(request, {**told, **(extra_context or {})})


def told_why(believed: Belief, row: Any, *, evidence: float, learned: int, used: Any) -> Any:
    """`evidence`: of the whole stock point or zone; that decides whether anything of it is used."""
    policy = believed.policy
    if not policy.is_on:
        return _("switched off")
    if row.stock_point_id in believed.configured:
        return _("this stock point keeps its configured time")
    if evidence < policy.least_cases:
        told = {"evidence": f"{evidence:.0f}", "least": policy.least_cases}
        return _("too little evidence: %(evidence)s of %(least)d cases") % told
    if used > learned:
        return _("never below %(percent)d %% of what is configured") % {"percent": policy.least_percent}
    if used < learned:
        return _("never far above %(percent)d %% of what is configured") % {"percent": policy.most_percent}
    return _("as learned")


@admin.register(LearnedPreparation)
class LearnedPreparationAdmin(_LearnedAdmin):
    """Opening minutes from the work's being given to its being ready, by stock point, hour and load."""

    list_display = (
        "stock_point", "when", "load_name", "used", "configured", "minutes", "typical", "cases", "weighed", "why",
    )  # fmt: skip
    list_filter = (("stock_point", AutocompleteSelectFilter), "load", "band")
    search_fields = ("stock_point__code", "stock_point__name")
    # What is narrower stands below what it is a part of.
    ordering = ("stock_point__code", F("band").asc(nulls_first=True), F("load").asc(nulls_first=True))
    unit = _("Times are minutes with the doors open.")

    @admin.display(description=_("ordered at"), ordering="band")
    def when(self, row: LearnedPreparation) -> Any:
        return row.hours or _("any hour")

    def learned(self, row: LearnedPreparation) -> int:
        return row.minutes

    @admin.display(description=_("load"), ordering="load")
    def load_name(self, row: LearnedPreparation) -> Any:
        return _("any load") if row.load is None else row.get_load_display()

    @admin.display(description=_("configured"))
    def configured(self, row: LearnedPreparation) -> int:
        return row.stock_point.preparation_minutes

    @admin.display(description=_("promised with"))
    def used(self, row: LearnedPreparation) -> int:
        configured = row.stock_point.preparation_minutes
        return row.believed.minutes_used(row, configured=configured, evidence=row.whole)  # type: ignore[attr-defined]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        whole = dict(
            LearnedPreparation.objects.filter(
                stock_point__in={row.stock_point_id for row in rows}, band=None
            ).values_list("stock_point", "evidence")
        )
        believed = belief()
        for row in rows:
            row.believed, row.whole = believed, whole.get(row.stock_point_id, 0.0)
        changelist.result_list = rows
        return changelist


@admin.register(LearnedTransit)
class LearnedTransitAdmin(_LearnedAdmin):
    """A service's working days from the hand-over to the delivery, by zone and by the lane's beginning."""

    list_display = (
        "carried_by", "zone", "begins_at", "used", "configured", "days", "typical", "cases", "weighed", "why",
    )  # fmt: skip
    list_filter = (("service", worded(service_words)), ("stock_point", AutocompleteSelectFilter))
    search_fields = ("service", "zone", "stock_point__code")
    ordering = ("service", "zone", F("stock_point__code").asc(nulls_first=True))
    unit = _("Times are working days of the service.")

    def learned(self, row: LearnedTransit) -> int:
        return row.days

    @admin.display(description=_("why"))
    def why(self, row: LearnedTransit) -> Any:
        return "–" if row.known is None else super().why(row)  # type: ignore[attr-defined]

    @admin.display(description=_("service"), ordering="service")
    def carried_by(self, row: LearnedTransit) -> str:
        return service_words(row.service)

    @admin.display(description=_("stock point"), ordering="stock_point__code")
    def begins_at(self, row: LearnedTransit) -> Any:
        return row.stock_point or _("any stock point")

    @admin.display(description=_("configured"))
    def configured(self, row: LearnedTransit) -> Any:
        known = row.known  # type: ignore[attr-defined]
        return _("no longer offered") if known is None else known

    @admin.display(description=_("promised with"))
    def used(self, row: LearnedTransit) -> Any:
        known = row.known  # type: ignore[attr-defined]
        if known is None:
            return "–"
        believed: Belief = row.believed  # type: ignore[attr-defined]
        return believed.days_used(row, configured=known, evidence=row.whole)  # type: ignore[attr-defined]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        services = {row.service for row in rows}
        whole = {
            (service, zone): evidence
            for service, zone, evidence in LearnedTransit.objects.filter(
                service__in=services, stock_point=None
            ).values_list("service", "zone", "evidence")
        }
        believed, days = belief(), configured_days()
        for row in rows:
            row.believed, row.whole = believed, whole.get((row.service, row.zone), 0.0)
            row.known = days.get(row.service, {}).get(row.zone)
        changelist.result_list = rows
        return changelist


@admin.register(LearningPolicy)
class LearningPolicyAdmin(OmsAdmin):
    """One page: what is learned with, and the switches."""

    fields = (
        "is_on", "confidence", "half_life_days", "least_cases", "least_percent", "most_percent", "stock_points",
    )  # fmt: skip
    filter_horizontal = ("stock_points",)

    list_display = ("__str__", "is_on", "confidence", "half_life_days", "least_cases")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is always one, as it is shipped until somebody changes it."""
        LearningPolicy.objects.get_or_create(pk=1)
        return super().changelist_view(request, extra_context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
