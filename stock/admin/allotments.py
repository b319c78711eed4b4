"""How much of the stock each sales channel may take."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from oms.core.access import access_for
from oms.core.admin.base import ScopedAdmin
from oms.core.bulk import Row
from stock.admin.articles import FoundByArticle, known_category
from stock.models import ChannelAllotment
from stock.services.allotting import delete_allotment, save_allotments


class AllotmentForm(forms.ModelForm):
    class Meta:
        model = ChannelAllotment
        fields = ("channel", "quantity", "percent", "variant", "category", "starts_at", "ends_at")

    def clean_category(self) -> str:
        return known_category(self.cleaned_data["category"], kept=self.instance.category)


@admin.register(ChannelAllotment)
class ChannelAllotmentAdmin(FoundByArticle, ScopedAdmin):
    """Ceilings: what a channel may take of each article. Nothing is kept back for it."""

    form = AllotmentForm
    list_display = ("channel", "article", "ceiling", "taken", "starts_at", "ends_at")
    list_select_related = ("channel", "variant")
    list_filter = (("channel", AutocompleteSelectFilter), ("variant", AutocompleteSelectFilter))
    list_filter_submit = True
    search_fields = ("category__exact",)
    search_help_text = _("A whole SKU, a scanned GTIN, or a whole category.")
    autocomplete_fields = ("channel", "variant")
    actions = None
    fieldsets = (
        (None, {"fields": ("channel", ("quantity", "percent"))}),
        (_("What: one of the two"), {"fields": ("variant", "category")}),
        (_("When"), {"fields": ("starts_at", "ends_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChannelAllotment]:
        return super().get_queryset(request).prefetch_related("counters")

    def get_readonly_fields(self, request: HttpRequest, obj: ChannelAllotment | None = None) -> tuple[str, ...]:
        return () if obj is None else ("channel", "variant", "category")

    @admin.display(description=_("what"))
    def article(self, allotment: ChannelAllotment) -> str:
        return str(allotment.variant or allotment.category)

    @admin.display(description=_("ceiling"))
    def ceiling(self, allotment: ChannelAllotment) -> str:
        return allotment.ceiling

    @admin.display(description=_("taken"))
    def taken(self, allotment: ChannelAllotment) -> int:
        return sum(counter.taken for counter in allotment.counters.all())

    def save_model(self, request: HttpRequest, obj: ChannelAllotment, form: forms.ModelForm, change: bool) -> None:
        row = {
            "channel": obj.channel.code,
            "sku": obj.variant.sku if obj.variant else None,
            "category": obj.category,
            "quantity": obj.quantity,
            "percent": obj.percent,
            "starts_at": obj.starts_at,
            "ends_at": obj.ends_at,
        }
        result = save_allotments(rows=[Row(0, row)], access=access_for(request))
        if result.errors:
            raise PermissionDenied(result.errors[0].detail)
        saved = ChannelAllotment.objects.filter(channel=obj.channel, variant=obj.variant, category=obj.category)
        obj.pk = saved.values_list("pk", flat=True).first()

    def delete_model(self, request: HttpRequest, obj: ChannelAllotment) -> None:
        delete_allotment(allotment=obj)
