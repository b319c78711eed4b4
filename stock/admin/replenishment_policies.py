"""How long stock is to last, and what may be given away: for a stock point, a group, a banner or everybody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.widgets import UnfoldAdminSelectWidget

from oms.core.access import access_for
from oms.core.admin.base import OmsAdmin
from stock.models import ReplenishmentPolicy
from stock.services.deciding_replenishment import delete_replenishment_policy, save_replenishment_policy

SCOPES = ("stock_point", "group", "banner")
GIVES = ("gives_returned", "gives_slow")


# What nobody says here is not unknown: the next wider policy says it.
WIDER_DECIDES = [("", _("as the wider policy says")), ("true", _("yes")), ("false", _("no"))]


def yes_no_or_wider(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=WIDER_DECIDES,
        coerce=lambda said: said == "true",
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )


class ReplenishmentPolicyForm(forms.ModelForm):
    """Says what the database would refuse, before it does."""

    gives_returned = yes_no_or_wider(capfirst(_("gives what customers brought back")))
    gives_slow = yes_no_or_wider(capfirst(_("gives slow stock")))

    class Meta:
        model = ReplenishmentPolicy
        fields = (*SCOPES, "cover_days", "safety_days", "keeps", "sends_at_most", "gives_returned", "gives_slow")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in GIVES:
            said = getattr(self.instance, name)
            self.initial[name] = "" if said is None else str(said).lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not set(SCOPES) & set(self.fields):
            return data
        scope = {name: data.get(name) for name in SCOPES}
        if sum(each is not None for each in scope.values()) > 1:
            raise ValidationError(_("Choose one stock point, one group or one banner, or none for the whole network."))
        if ReplenishmentPolicy.objects.filter(**scope).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is a policy for it already."))
        return data


@admin.register(ReplenishmentPolicy)
class ReplenishmentPolicyAdmin(OmsAdmin):
    """What is left empty is decided by the next wider policy: stock point, group, banner, network, settings."""

    form = ReplenishmentPolicyForm
    list_display = ("__str__", "cover_days", "safety_days", "keeps", "sends_at_most", "returned", "slow")
    list_select_related = SCOPES
    list_filter = tuple((scope, AutocompleteSelectFilter) for scope in SCOPES)
    list_filter_submit = True
    autocomplete_fields = SCOPES
    actions = None
    change_form_before_template = "admin/stock/policy_words.html"
    fieldsets = (
        (
            _("For whom: one of the three, or none for the whole network"),
            {"fields": SCOPES},
        ),
        (_("What a store needs"), {"fields": (("cover_days", "safety_days"),)}),
        (_("What may be given away"), {"fields": (("keeps", "sends_at_most"), ("gives_returned", "gives_slow"))}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReplenishmentPolicy]:
        return super().get_queryset(request).select_related(*SCOPES)

    @admin.display(description=_("gives what customers brought back"))
    def returned(self, policy: ReplenishmentPolicy) -> Any:
        return _said(policy.gives_returned)

    @admin.display(description=_("gives slow stock"))
    def slow(self, policy: ReplenishmentPolicy) -> Any:
        return _said(policy.gives_slow)

    def get_readonly_fields(self, request: HttpRequest, obj: ReplenishmentPolicy | None = None) -> tuple[str, ...]:
        return () if obj is None else SCOPES

    # It moves the goods of everybody: nobody who is bound to a part of the network writes it.

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return super().has_add_permission(request) and access_for(request).is_unlimited

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and access_for(request).is_unlimited

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and access_for(request).is_unlimited

    def save_model(self, request: HttpRequest, obj: ReplenishmentPolicy, form: forms.ModelForm, change: bool) -> None:
        save_replenishment_policy(policy=obj)

    def delete_model(self, request: HttpRequest, obj: ReplenishmentPolicy) -> None:
        delete_replenishment_policy(policy=obj)


def _said(value: bool | None) -> Any:
    return WIDER_DECIDES[0][1] if value is None else (_("yes") if value else _("no"))
