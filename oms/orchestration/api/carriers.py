"""`PUT /carrier-services/`: where carriers go, when, and for how much."""

from collections.abc import Sequence

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from oms.core.api.bulk import BulkPutView, BulkResult, Row
from oms.core.api.serializers import RowSerializer, StrictSerializer
from oms.core.api.views import ListView
from oms.orchestration.models import CarrierService
from oms.orchestration.services.carriers import ALL, save_carrier_services
from oms.orchestration.tariffs import CARRIED_MODES
from stock.api.fields import CodesOrAllField, CountryField, CurrencyField

CLOCK = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"


class ZoneSerializer(StrictSerializer):
    """Without countries: everywhere; without prefixes: the whole countries."""

    code = serializers.CharField(max_length=60)
    countries = serializers.ListField(child=CountryField(), required=False, default=list)
    postcode_prefixes = serializers.ListField(child=serializers.CharField(max_length=16), required=False, default=list)


class TariffSerializer(StrictSerializer):
    zone = serializers.CharField(max_length=60)
    up_to_g = serializers.IntegerField(min_value=1, allow_null=True, required=False, default=None)
    amount = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0)


class BarredSerializer(StrictSerializer):
    """Articles of these categories, or these, may not travel to these zones; without zones: to none."""

    zones = serializers.ListField(child=serializers.CharField(max_length=60), required=False, default=list)
    categories = serializers.ListField(child=serializers.CharField(max_length=200), required=False, default=list)
    skus = serializers.ListField(child=serializers.CharField(max_length=64), required=False, default=list)


class CarrierServiceRowSerializer(RowSerializer):
    carrier = serializers.CharField(max_length=60)
    service = serializers.CharField(max_length=60)
    carrier_name = serializers.CharField(
        max_length=80,
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="As people read it; empty: as its code reads.",
    )
    service_name = serializers.CharField(
        max_length=80, required=False, allow_blank=True, allow_null=True, help_text="Likewise."
    )
    is_active = serializers.BooleanField(required=False)
    modes = serializers.ListField(child=serializers.ChoiceField(choices=CARRIED_MODES), required=False)
    zones = ZoneSerializer(many=True, required=False)
    cut_off = serializers.TimeField(required=False, allow_null=True, input_formats=["%H:%M"], format="%H:%M")
    working_days = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7), required=False, allow_null=True
    )
    closed_on = serializers.ListField(child=serializers.DateField(), required=False, allow_null=True)
    holidays = CountryField(required=False, allow_null=True, help_text="No work on this country's public holidays.")
    transit_days = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=120), required=False)
    price_table = TariffSerializer(many=True, required=False, allow_null=True)
    cost_table = TariffSerializer(many=True, required=False, allow_null=True)
    max_weight_g = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True)
    max_length_mm = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True)
    max_girth_mm = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        allow_null=True,
        help_text="The longest side and twice the two others.",
    )
    max_km = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, allow_null=True)
    barred = BarredSerializer(many=True, required=False, allow_null=True)
    slots = serializers.ListField(
        child=serializers.ListField(child=serializers.RegexField(CLOCK), min_length=2, max_length=2),
        required=False,
        allow_null=True,
        help_text="The hours in which it comes, at the destination.",
    )
    emission_g_per_t_km = serializers.DecimalField(
        max_digits=10, decimal_places=3, min_value=0, required=False, allow_null=True
    )
    emission_g_per_parcel = serializers.DecimalField(
        max_digits=10,
        decimal_places=3,
        min_value=0,
        required=False,
        allow_null=True,
        help_text="Hubs and last mile; null: as the house's.",
    )
    emission_source = serializers.CharField(max_length=200, required=False, allow_blank=True)
    emission_is_estimate = serializers.BooleanField(
        required=False, help_text="False: the carrier's own, or published ones; then `emission_source` is needed."
    )
    currency = CurrencyField(required=False)
    stock_points = CodesOrAllField(required=False)


class CarrierServiceSerializer(serializers.ModelSerializer):
    """As the rows of the PUT."""

    zones = ZoneSerializer(many=True)
    cut_off = serializers.TimeField(format="%H:%M", allow_null=True)
    price_table = TariffSerializer(many=True)
    cost_table = TariffSerializer(many=True)
    barred = BarredSerializer(many=True)
    stock_points = serializers.SerializerMethodField()

    class Meta:
        model = CarrierService
        fields = tuple(CarrierServiceRowSerializer().fields)

    @extend_schema_field(CodesOrAllField())
    def get_stock_points(self, service: CarrierService) -> list[str] | str:
        return ALL if service.collects_everywhere else sorted(point.code for point in service.stock_points.all())


class CarrierServiceBulkView(BulkPutView, ListView):  # type: ignore[misc]
    """A lane that no service covers is served by the built-in service `house`."""

    required_scopes = "config:write"
    queryset = CarrierService.objects.prefetch_related("stock_points")
    serializer_class = CarrierServiceSerializer
    ordering = ("carrier", "service")
    row_serializer = CarrierServiceRowSerializer
    natural_key = ("carrier", "service")

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        return save_carrier_services(rows=rows)
