"""Why: one decision with its plan, the rules tried, and every stock point's costs or the filter against it."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.core.admin.moment_filters import MomentRangeFilter
from oms.orchestration.admin.fortunes import FortunesView
from oms.orchestration.admin.reading import language
from oms.orchestration.models import SourcingRun
from oms.orchestration.queries.reasons import why
from oms.orchestration.triggers import TRIGGERS, told_trigger


class TriggerFilter(admin.SimpleListFilter):
    title = _("made")
    parameter_name = "trigger"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[SourcingRun]) -> Iterable[tuple[str, str]]:
        return [(code, str(words)) for code, words in TRIGGERS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SourcingRun]) -> QuerySet[SourcingRun]:
        return queryset.filter(trigger=self.value()) if self.value() else queryset


@admin.register(SourcingRun)
class SourcingRunAdmin(ReadOnlyMixin, ScopedAdmin):
    """Every decision, newest first."""

    list_display = ("reference", "made", "outcome", "rule_set_code", "version", "rule", "started_at", "took")
    list_filter = (
        "outcome",
        TriggerFilter,
        ("channel", AutocompleteSelectFilter),
        ("started_at", MomentRangeFilter),
    )
    list_filter_submit = True
    search_fields = ("reference__exact",)
    search_help_text = _("A whole order number.")
    fields = ("decision", "plan_table", "rules_tried", "candidate_table", "facts_table")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[SourcingRun]:
        return super().get_queryset(request).select_related("channel")

    def get_urls(self) -> list[URLPattern]:
        fortunes = self.admin_site.admin_view(FortunesView.as_view(model_admin=self))
        return [path("fortunes/", fortunes, name="sourcing-fortunes"), *super().get_urls()]

    @admin.display(description=_("made"), ordering="trigger")
    def made(self, run: SourcingRun) -> str:
        return told_trigger(run.trigger)

    @admin.display(description=_("took"), ordering="duration_us")
    def took(self, run: SourcingRun) -> str:
        return f"{run.duration_us / 1000:.2f} ms"

    @admin.display(description=_("decision"))
    def decision(self, run: SourcingRun) -> SafeString:
        return self._part("decision", run)

    @admin.display(description=_("plan"))
    def plan_table(self, run: SourcingRun) -> SafeString:
        return self._part("plan", run)

    @admin.display(description=_("rules tried"))
    def rules_tried(self, run: SourcingRun) -> SafeString:
        return self._part("rules_tried", run)

    @admin.display(description=_("stock points"))
    def candidate_table(self, run: SourcingRun) -> SafeString:
        return self._part("candidates", run)

    @admin.display(description=_("what it rested on"))
    def facts_table(self, run: SourcingRun) -> SafeString:
        return self._part("facts", run)

    def _part(self, name: str, run: SourcingRun) -> SafeString:
        if not hasattr(run, "explained"):
            run.explained = why(run, language())  # type: ignore[attr-defined]
        context = {"run": run, "why": run.explained, "made": told_trigger(run.trigger)}  # type: ignore[attr-defined]
        return render_to_string(f"admin/orchestration/run_{name}.html", context)
