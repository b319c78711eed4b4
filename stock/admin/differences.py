"""What the nightly reconciliation has found, and the button that mends it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from oms.core.admin.actors import NamedActorsMixin
from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.core.errors import OmsError
from oms.core.punctuation import with_colon
from oms.core.refusals import told
from stock.admin.articles import FoundByArticle, OpensLevel
from stock.models import LevelDifference
from stock.roles import REPAIR_LEVELS
from stock.services.reconciling import repair_difference


class StandingFilter(admin.SimpleListFilter):
    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("differs"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LevelDifference]) -> QuerySet[LevelDifference]:
        return queryset.open() if self.value() == "open" else queryset  # type: ignore[attr-defined, no-any-return]


@admin.register(LevelDifference)
class LevelDifferenceAdmin(NamedActorsMixin, OpensLevel, FoundByArticle, ReadOnlyMixin, ScopedAdmin):
    """Levels that say another figure than what proves it adds up to."""

    actors = ("ended_by",)
    fieldsets = (
        (None, {"fields": ("standing", "figure", ("variant", "level"), ("kept", "proven"))}),
        (_("Found"), {"fields": (("first_found_at", "last_found_at"),)}),
    )
    ended_fieldset = (_("Its end"), {"fields": (("ended_at", "ended_by_named"),)})
    change_form_outer_before_template = "admin/stock/difference_repair.html"
    list_display = (
        "id",
        "figure",
        "variant",
        "level",
        "kept",
        "proven",
        "last_found_at",
        "standing",
        "ended_at",
        "ended_by_named",
    )
    list_select_related = ("variant", "stock_point")
    list_filter = (StandingFilter, "figure")
    search_fields = ("stock_point__code__exact",)
    search_help_text = _("A whole SKU or a scanned GTIN, or the whole code of a stock point.")
    actions = ("repair",)

    @display(description=_("standing"), label={"open": "danger", "repaired": "success", "gone": ""})
    def standing(self, row: LevelDifference) -> tuple[str, Any]:
        if row.ended_at is None:
            return "open", _("open: it differs")
        return ("repaired", _("repaired")) if row.ended_by else ("gone", _("gone by itself"))

    def get_fieldsets(self, request: HttpRequest, obj: LevelDifference | None = None) -> Any:
        """Who has ended it is asked of one that is over."""
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, self.ended_fieldset] if obj is not None and obj.ended_at is not None else fieldsets

    def has_repair_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(REPAIR_LEVELS)

    @action(
        description=_("Repair: the level takes what its movements, reservations or unavailabilities add up to"),
        permissions=["repair"],
    )
    def repair(self, request: HttpRequest, queryset: QuerySet[LevelDifference]) -> None:
        """Each in a transaction of its own, with an entry in the audit; one that is over stops nobody."""
        for difference in queryset.select_related("variant", "stock_point"):
            try:
                kept, proven = repair_difference(difference=difference)
            except OmsError as refused:
                messages.error(
                    request, with_colon(f"{difference.variant} @ {difference.stock_point}", told(refused.detail))
                )
            else:
                messages.success(
                    request,
                    _("%(variant)s at %(point)s: %(figure)s from %(kept)d to %(proven)d.")
                    % {
                        "variant": difference.variant,
                        "point": difference.stock_point,
                        "figure": difference.get_figure_display(),
                        "kept": kept,
                        "proven": proven,
                    },
                )
