"""The systems that send figures: how old what they told is, and how they write their files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from oms.core.admin.base import OmsAdmin
from oms.core.bulk import Row
from stock.feeds.reading import COLUMNS
from stock.models import StockSource
from stock.services.profiling import save_sources

PREFIX = "column_"


class SourceForm(forms.ModelForm):
    """Our columns one by one: what each is called in the source's files."""

    column_sku = forms.CharField(max_length=100, required=False, label="sku", widget=UnfoldAdminTextInputWidget)
    column_stock_point = forms.CharField(
        max_length=100, required=False, label="stock_point", widget=UnfoldAdminTextInputWidget
    )
    column_quantity = forms.CharField(
        max_length=100, required=False, label="quantity", widget=UnfoldAdminTextInputWidget
    )
    column_unavailable = forms.CharField(
        max_length=100, required=False, label="unavailable", widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = StockSource
        fields = ("name", "basis", "delimiter", "encoding", "decimal_sign")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column, name in self.instance.columns.items():
            self.initial[PREFIX + column] = name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decimal_sign") and data["decimal_sign"] == data.get("delimiter"):
            raise ValidationError(_("The decimal sign cannot separate the columns as well."))
        columns = {column: data[PREFIX + column] for column in COLUMNS if data.get(PREFIX + column)}
        if len(set(columns.values())) < len(columns):
            raise ValidationError(_("Two of our columns cannot be one column of the file."))
        data["columns"] = columns
        return data


@admin.register(StockSource)
class StockSourceAdmin(OmsAdmin):
    """The systems that send figures, and how old what they told is."""

    form = SourceForm
    list_display = ("name", "basis", "last_as_of", "last_applied_at", "last_sequence", "delimiter", "encoding")
    list_filter = ("basis",)
    search_fields = ("name",)
    ordering = ("name",)
    actions = None
    fieldsets = (
        (None, {"fields": ("name", "basis")}),
        (_("How its files are written"), {"fields": ("delimiter", "encoding", "decimal_sign")}),
        (
            _("What our columns are called there"),
            {
                "fields": ("column_sku", "column_stock_point", "column_quantity", "column_unavailable"),
                "description": _("Where any is named, columns that are not ours are passed over."),
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: StockSource | None = None) -> tuple[str, ...]:
        return () if obj is None else ("name", "basis")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: StockSource, form: forms.ModelForm, change: bool) -> None:
        told = form.cleaned_data
        fields = ("delimiter", "encoding", "decimal_sign", "columns")
        row = {"name": obj.name, "basis": obj.basis, **{name: told[name] for name in fields}}
        result = save_sources(rows=[Row(0, row)])
        if result.errors:
            raise PermissionDenied(result.errors[0].detail)
        obj.pk = StockSource.objects.get(name=obj.name).pk
