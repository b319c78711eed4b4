"""Units that are there and not for sale: set aside here, and given back."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from oms.core import clock
from oms.core.access import access_for
from oms.core.admin.actors import NamedActorsMixin
from oms.core.admin.base import ScopedAdmin, visible
from oms.core.admin.moment_filters import MomentRangeFilter
from oms.core.amounts import grouped
from oms.core.bulk import Row
from stock.admin.articles import FoundByArticle, level_link
from stock.models import StockLevel, StockPoint, Unavailability, UnavailableReason, Variant
from stock.services.setting_aside import give_back, set_aside


class StandingFilter(admin.SimpleListFilter):
    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("aside", _("set aside")), ("until", _("set aside until a moment"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Unavailability]) -> QuerySet[Unavailability]:
        if self.value() is None:
            return queryset
        standing: QuerySet[Unavailability] = queryset.standing()  # type: ignore[attr-defined]
        return standing.filter(expires_at__isnull=False) if self.value() == "until" else standing


class SetAsideForm(forms.ModelForm):
    """Says what the service would refuse, before it does."""

    variant = forms.ModelChoiceField(
        Variant.objects.all(),
        label=capfirst(_("variant")),
        widget=AutocompleteSelect(StockLevel._meta.get_field("variant"), admin.site),
    )
    stock_point = forms.ModelChoiceField(
        StockPoint.objects.all(),
        label=capfirst(_("stock point")),
        widget=AutocompleteSelect(StockLevel._meta.get_field("stock_point"), admin.site),
    )
    quantity = forms.IntegerField(min_value=1, label=capfirst(_("units")), widget=UnfoldAdminIntegerFieldWidget)

    class Meta:
        model = Unavailability
        fields = ("quantity", "reason", "expires_at")
        labels = {"reason": capfirst(_("reason")), "expires_at": capfirst(_("until"))}
        help_texts = {"expires_at": _("Empty: until somebody gives them back.")}

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data.get("expires_at")
        if expires_at is not None and expires_at <= clock.now():
            raise ValidationError(_("This moment is over."))
        return expires_at

    def clean(self) -> dict[str, Any] | None:
        told = super().clean() or self.cleaned_data
        variant, point, units = (told.get(name) for name in ("variant", "stock_point", "quantity"))
        if variant and point and units:
            level = StockLevel.objects.filter(variant=variant, stock_point=point).first()
            left = level.left_to_set_aside if level else 0
            if units > left:
                sentence = ngettext(
                    "Only %(left)s unit can be set aside here.", "Only %(left)s units can be set aside here.", left
                )
                nothing = _("Nothing is left here that could be set aside.")
                self.add_error("quantity", sentence % {"left": grouped(left)} if left else nothing)
        return told


@admin.register(Unavailability)
class UnavailabilityAdmin(NamedActorsMixin, FoundByArticle, ScopedAdmin):
    """Why units cannot be sold, until when, and who said so."""

    form = SetAsideForm
    actors = ("recorded_by",)
    article_path = "level__variant"
    list_display = (
        "id",
        "variant",
        "stock_point",
        "quantity",
        "reason",
        "expires_at",
        "ended_at",
        "recorded_at",
        "recorded_by_named",
    )
    list_select_related = ("level__variant", "level__stock_point")
    list_filter = (
        StandingFilter,
        "reason",
        ("level__stock_point", AutocompleteSelectFilter),
        ("level__variant", AutocompleteSelectFilter),
        ("recorded_at", MomentRangeFilter),
    )
    list_filter_submit = True
    search_fields = ("reference__exact",)
    actions = ("give_back_chosen",)
    fields = ("variant", "stock_point", "quantity", "reason", "expires_at")
    details = (*fields, "reference", "recorded_at", "recorded_by_named", "ended_at")

    def get_fields(self, request: HttpRequest, obj: Unavailability | None = None) -> tuple[str, ...]:
        return self.fields if obj is None else self.details

    def get_readonly_fields(self, request: HttpRequest, obj: Unavailability | None = None) -> tuple[str, ...]:
        return () if obj is None else self.details

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None:
            form.base_fields["stock_point"].queryset = visible(StockPoint.objects.all(), request)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"reason": UnavailableReason.DISPLAY, **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What happened is not rewritten: it is only given back."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("variant"), ordering="level__variant__sku")
    def variant(self, entry: Unavailability) -> Any:
        return entry.level.variant

    @admin.display(description=_("stock point"), ordering="level__stock_point")
    def stock_point(self, entry: Unavailability) -> SafeString:
        return level_link(entry.level.variant, entry.level.stock_point)

    def has_give_back_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("stock.change_unavailability")

    @action(description=_("Give back: for sale again"), permissions=["give_back"])
    def give_back_chosen(self, request: HttpRequest, queryset: QuerySet[Unavailability]) -> None:
        units = give_back(ids=list(queryset.values_list("pk", flat=True)))
        if not units:
            messages.info(request, _("None of them is set aside any more: nothing was given back."))
            return
        sentence = ngettext("%(units)d unit is for sale again.", "%(units)d units are for sale again.", units)
        messages.success(request, sentence % {"units": units})

    def save_model(self, request: HttpRequest, obj: Unavailability, form: forms.ModelForm, change: bool) -> None:
        told = form.cleaned_data
        row = {
            "sku": told["variant"].sku,
            "stock_point": told["stock_point"].code,
            "quantity": told["quantity"],
            "reason": told["reason"],
            "expires_at": told["expires_at"],
            "reference": f"admin:{uuid4().hex[:16]}",
        }
        result = set_aside(rows=[Row(0, row)], access=access_for(request))
        if result.errors:
            raise PermissionDenied(result.errors[0].detail)
        saved = Unavailability.objects.get(reference=row["reference"])
        obj.pk, obj.level = saved.pk, saved.level
