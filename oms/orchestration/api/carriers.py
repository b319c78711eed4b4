"""`PUT /carrier-services/`: where carriers go, when, and for how much."""

from collections.abc import Sequence

from rest_framework import serializers

from oms.core.api.bulk import BulkPutView, BulkResult, Row
from oms.core.api.serializers import RowSerializer, StrictSerializer
from oms.orchestration.services.carriers import save_carrier_services
from oms.orchestration.tariffs import CARRIED_MODES
from stock.api.fields import CodesOrAllField, CountryField, CurrencyField


class ZoneSerializer(StrictSerializer):
    """Without countries: everywhere; without prefixes: the whole countries."""

    code = serializers.CharField(max_length=60)
    countries = serializers.ListField(child=CountryField(), required=False, default=list)
    postcode_prefixes = serializers.ListField(child=serializers.CharField(max_length=16), required=False, default=list)


class TariffSerializer(StrictSerializer):
    zone = serializers.CharField(max_length=60)
    up_to_g = serializers.IntegerField(min_value=1, allow_null=True, required=False, default=None)
    amount = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0)


class CarrierServiceRowSerializer(RowSerializer):
    carrier = serializers.CharField(max_length=60)
    service = serializers.CharField(max_length=60)
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
    emission_g_per_t_km = serializers.DecimalField(
        max_digits=10, decimal_places=3, min_value=0, required=False, allow_null=True
    )
    currency = CurrencyField(required=False)
    stock_points = CodesOrAllField(required=False)


class CarrierServiceBulkView(BulkPutView):
    """A lane that no service covers is served by the built-in service `house`."""

    required_scopes = "config:write"
    row_serializer = CarrierServiceRowSerializer
    natural_key = ("carrier", "service")

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        return save_carrier_services(rows=rows)
