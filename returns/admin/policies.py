"""What a banner takes back."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from oms.core.admin.base import OmsAdmin
from orders.states import AllocationState
from returns.models import ReturnPolicy, ReturnReason
from returns.models.policies import default_states, every_grade
from returns.states import Grade

SPOKEN = ("en", "fr")


class ReturnPolicyForm(forms.ModelForm):
    """States and grades are ticked, not typed."""

    eligible_states = forms.MultipleChoiceField(
        choices=[(state, AllocationState(state).label) for state in default_states()],
        initial=default_states,
        widget=forms.CheckboxSelectMultiple,
        label=_("Units in these states may be returned"),
    )
    excluded_categories = SimpleArrayField(
        forms.CharField(max_length=100),
        required=False,
        label=_("Excluded categories"),
        help_text=_("Categories that are not taken back, separated by commas."),
        widget=UnfoldAdminTextInputWidget,
    )
    refunded_grades = forms.MultipleChoiceField(
        choices=Grade.choices,
        initial=every_grade,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Refunded conditions"),
        help_text=_("What comes back in another condition is not refunded."),
    )


class ReasonForm(forms.ModelForm):
    """What the reason is called, language by language; a language that is not spoken here is kept as it is."""

    label_en = forms.CharField(
        max_length=100, required=False, label=capfirst(_("in English")), widget=UnfoldAdminTextInputWidget
    )
    label_fr = forms.CharField(
        max_length=100, required=False, label=capfirst(_("in French")), widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = ReturnReason
        fields = ("position", "code", "is_retailers_fault", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in SPOKEN:
            self.initial[f"label_{language}"] = self.instance.labels.get(language, "")

    def _post_clean(self) -> None:
        for language in SPOKEN:
            said = self.cleaned_data.get(f"label_{language}", "")
            if said:
                self.instance.labels[language] = said
            else:
                self.instance.labels.pop(language, None)
        super()._post_clean()  # type: ignore[misc]  # Django documents no other place between the fields and the object


class ReasonInline(TabularInline):
    model = ReturnReason
    form = ReasonForm
    extra = 0
    fields = ("position", "code", "label_en", "label_fr", "is_retailers_fault", "is_active")


@admin.register(ReturnPolicy)
class ReturnPolicyAdmin(OmsAdmin):
    """One policy per banner; the one without a banner holds for all others."""

    form = ReturnPolicyForm
    list_display = ("__str__", "window_days", "return_shipping_paid_by", "refunds_shipping", "needs_authorisation")
    list_select_related = ("banner",)
    autocomplete_fields = ("postal_stock_point",)
    inlines: ClassVar[list[type]] = [ReasonInline]
    fieldsets = (
        (None, {"fields": ("banner",)}),
        (
            _("What is taken back"),
            {"fields": ("window_days", "transit_days", "eligible_states", "excluded_categories", "refunded_grades")},
        ),
        (
            _("By post"),
            {
                "fields": (
                    "needs_authorisation",
                    "send_within_days",
                    "postal_stock_point",
                    ("return_shipping_paid_by", "return_shipping_fee"),
                )
            },
        ),
        (_("Money"), {"fields": ("refunds_shipping",)}),
        (
            _("Where it goes"),
            {"fields": (("new_goes_to", "opened_goes_to"), ("damaged_goes_to", "unsellable_goes_to"))},
        ),
    )
