"""Postcodes, the capacity taken, and the outcomes that estimates will be learned from."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from oms.core.admin.base import OmsAdmin, ReadOnlyAdmin
from oms.core.admin.csv_files import CsvMixin, CsvResource
from oms.core.bulk import Row
from oms.orchestration.countries import COUNTRIES
from oms.orchestration.models import CapacityUse, Postcode, RunOutcome
from oms.orchestration.services.places import save_postcodes


class PostcodeForm(forms.ModelForm):
    """The country must exist; the postcode is kept in one spelling."""

    class Meta:
        model = Postcode
        fields = ("country", "postcode", "latitude", "longitude")

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).upper()
        if country not in COUNTRIES:
            raise ValidationError(_("This is not the code of a country."))
        return country

    def clean_postcode(self) -> str:
        postcode = Postcode.normalised(self.cleaned_data["postcode"])
        if not postcode:
            raise ValidationError(_("A postcode has at least one character."))
        return postcode


class PostcodeResource(CsvResource):
    """One row a postcode, in any spelling."""

    class Meta:
        model = Postcode
        fields = ("country", "postcode", "latitude", "longitude")
        import_id_fields = ("country", "postcode")

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        row["country"] = str(row.get("country") or "").upper()
        row["postcode"] = Postcode.normalised(str(row.get("postcode") or ""))
        if row["country"] not in COUNTRIES or not row["postcode"]:
            raise ValidationError(_("A country's code and a postcode, please."))


@admin.register(Postcode)
class PostcodeAdmin(CsvMixin, OmsAdmin):
    """Where postcodes are, as CSV too; large lists come by the API."""

    form = PostcodeForm
    resource_classes: ClassVar[list[Any]] = [PostcodeResource]
    list_display = ("country", "postcode", "latitude", "longitude")
    search_fields = ("postcode__startswith",)
    search_help_text = _("The beginning of a postcode.")
    ordering = ("country", "postcode")

    def get_readonly_fields(self, request: HttpRequest, obj: Postcode | None = None) -> tuple[str, ...]:
        return () if obj is None else ("country", "postcode")

    def save_model(self, request: HttpRequest, obj: Postcode, form: forms.ModelForm, change: bool) -> None:
        row = {name: getattr(obj, name) for name in ("country", "postcode", "latitude", "longitude")}
        save_postcodes(rows=[Row(0, row)])
        obj.pk = Postcode.objects.values_list("pk", flat=True).get(country=obj.country, postcode=obj.postcode)


@admin.register(CapacityUse)
class CapacityUseAdmin(ReadOnlyAdmin):
    """How much of each day is taken at stock points that have a limit."""

    list_display = ("stock_point", "on", "hour", "used", "capacity")
    list_select_related = ("stock_point",)
    list_filter = ("on",)
    search_fields = ("stock_point__code",)
    ordering = ("-on", "stock_point", "hour")


@admin.register(RunOutcome)
class RunOutcomeAdmin(ReadOnlyAdmin):
    """What stock points and carriers did with what they were given."""

    list_display = ("reference", "stock_point", "kind", "at", "began_at", "service", "zone")
    list_select_related = ("stock_point",)
    list_filter = ("kind",)
    search_fields = ("reference__exact",)
    search_help_text = _("A whole order number.")
