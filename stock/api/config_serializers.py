"""The rows of the configuration's bulk PUTs: only the natural key is required of a row that exists."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from oms.core.api.serializers import RowSerializer, StrictSerializer
from stock.api.fields import (
    CodeField,
    CodesOrAllField,
    CountryField,
    CurrencyField,
    GtinField,
    OpeningHoursField,
    TimezoneField,
)
from stock.models import ChannelKind, Product, SalesChannel, StockPoint, StockPointKind, Variant

LARGEST = 2_147_483_647


class CodesField(serializers.ListField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=CodeField(), **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        return list(dict.fromkeys(super().to_internal_value(data)))


class BannerRow(RowSerializer):
    code = CodeField()
    name = serializers.CharField(max_length=200, required=False)
    currency = CurrencyField(required=False)
    languages = serializers.ListField(
        child=serializers.RegexField(r"^[a-z]{2}(-[A-Za-z]{2,4})?$"), required=False, allow_null=True
    )


class StockPointRow(RowSerializer):
    code = CodeField()
    name = serializers.CharField(max_length=200, required=False)
    kind = serializers.ChoiceField(StockPointKind.choices, required=False)
    latitude = serializers.FloatField(min_value=-90, max_value=90, required=False, allow_null=True)
    longitude = serializers.FloatField(min_value=-180, max_value=180, required=False, allow_null=True)
    line1 = serializers.CharField(max_length=200, required=False, allow_null=True)
    postcode = serializers.CharField(max_length=20, required=False, allow_null=True)
    city = serializers.CharField(max_length=100, required=False, allow_null=True)
    country = CountryField(required=False)
    timezone = TimezoneField(required=False)
    is_active = serializers.BooleanField(required=False)
    ships_orders = serializers.BooleanField(required=False)
    offers_pickup = serializers.BooleanField(required=False)
    offers_reservation = serializers.BooleanField(required=False)
    takes_orders = serializers.BooleanField(required=False)
    accepts_returns = serializers.BooleanField(required=False)
    daily_order_capacity = serializers.IntegerField(
        min_value=0, max_value=LARGEST, required=False, allow_null=True, help_text="null: unlimited, 0: closed."
    )
    hourly_order_capacity = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST,
        required=False,
        allow_null=True,
        help_text="null: unlimited. What comes while it is closed is for its next opening hour.",
    )
    paused_until = serializers.DateField(
        required=False, allow_null=True, help_text="The day on which it takes part again, in its own zone."
    )
    priority = serializers.IntegerField(min_value=-LARGEST, max_value=LARGEST, required=False, help_text="Lower first.")
    handling_cost = serializers.DecimalField(12, 4, min_value=0, required=False)
    currency = CurrencyField(required=False, help_text="Absent on create: the settings' BASE_CURRENCY.")
    banner = CodeField(required=False, allow_null=True)
    preparation_minutes = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False)
    expected_decline_percent = serializers.DecimalField(5, 2, min_value=0, max_value=100, required=False)
    opening_hours = OpeningHoursField(required=False, allow_null=True)
    closed_on = serializers.ListField(child=serializers.DateField(), required=False, allow_null=True)
    cut_off = serializers.TimeField(required=False, allow_null=True, format="%H:%M")
    groups = CodesField(required=False, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=60), required=False, allow_null=True)


class ProductOfRow(StrictSerializer):
    code = CodeField()
    name = serializers.CharField(max_length=200, required=False)
    brand = serializers.CharField(max_length=100, required=False, allow_null=True, allow_blank=True)
    category = serializers.CharField(max_length=100, required=False, allow_null=True, allow_blank=True)
    season_ends_on = serializers.DateField(required=False, allow_null=True)


class VariantRow(RowSerializer):
    sku = CodeField()
    gtin = GtinField(required=False, allow_null=True)
    product = ProductOfRow(required=False)
    size = serializers.CharField(max_length=40, required=False, allow_null=True)
    colour = serializers.CharField(max_length=60, required=False, allow_null=True)
    price = serializers.DecimalField(12, 2, min_value=0, required=False)
    currency = CurrencyField(required=False, help_text="Required with the price of a new variant.")
    weight_g = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False)
    length_mm = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False)
    width_mm = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False)
    height_mm = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False)
    is_active = serializers.BooleanField(required=False)
    is_hot = serializers.BooleanField(
        required=False, help_text="Many want it at the same moment: those who ask are answered together."
    )


class SalesChannelRow(RowSerializer):
    code = CodeField()
    name = serializers.CharField(max_length=200, required=False)
    kind = serializers.ChoiceField(ChannelKind.choices, required=False)
    banner = CodeField(required=False, allow_null=True)
    currency = CurrencyField(required=False)
    stock_points = CodesOrAllField(required=False)
    allows_backorders = serializers.BooleanField(required=False)
    allows_preorders = serializers.BooleanField(required=False)


class ProtectionRuleRow(RowSerializer):
    """Either `quantity` or `percent`; at most one place and one article. What is absent means all."""

    code = CodeField()
    quantity = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False, allow_null=True)
    percent = serializers.DecimalField(5, 2, min_value=0, max_value=100, required=False, allow_null=True)
    channel = CodeField(required=False, allow_null=True)
    stock_point = CodeField(required=False, allow_null=True)
    group = CodeField(required=False, allow_null=True)
    kind = serializers.ChoiceField(StockPointKind.choices, required=False, allow_null=True)
    category = serializers.CharField(max_length=100, required=False, allow_null=True)
    product = CodeField(required=False, allow_null=True)
    sku = CodeField(required=False, allow_null=True)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)


class ChannelAllotmentRow(RowSerializer):
    """Either a SKU or a category; either `quantity` or `percent`. Each article of a category has its own ceiling."""

    channel = CodeField()
    sku = CodeField(required=False, allow_null=True)
    category = serializers.CharField(max_length=100, required=False, allow_null=True)
    quantity = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST,
        required=False,
        allow_null=True,
        help_text="Units the channel may take since the start.",
    )
    percent = serializers.DecimalField(5, 2, min_value=0, max_value=100, required=False, allow_null=True)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)


class StockPointSerializer(serializers.ModelSerializer):
    """As the rows of the PUT."""

    banner = serializers.CharField(source="banner.code", allow_null=True, default=None)
    groups: Any = serializers.SlugRelatedField("code", many=True, read_only=True)
    cut_off = serializers.TimeField(format="%H:%M", allow_null=True)

    class Meta:
        model = StockPoint
        fields = tuple(StockPointRow().fields)


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ("code", "name", "brand", "category", "season_ends_on")


class VariantSerializer(serializers.ModelSerializer):
    """As the rows of the PUT."""

    product = ProductSerializer()

    class Meta:
        model = Variant
        fields = tuple(VariantRow().fields)


class SalesChannelSerializer(serializers.ModelSerializer):
    """As the rows of the PUT."""

    banner = serializers.CharField(source="banner.code", allow_null=True, default=None)
    stock_points = serializers.SerializerMethodField()

    class Meta:
        model = SalesChannel
        fields = tuple(SalesChannelRow().fields)

    @extend_schema_field(CodesOrAllField)
    def get_stock_points(self, channel: SalesChannel) -> list[str] | str:
        return "all" if channel.serves_all_stock_points else [point.code for point in channel.stock_points.all()]


class PreviewRow(ProtectionRuleRow):
    code = CodeField(required=False)


class HiddenAtLevelSerializer(serializers.Serializer):
    sku = serializers.CharField()
    stock_point = serializers.CharField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class HiddenStockSerializer(serializers.Serializer):
    hidden_units = serializers.IntegerField()
    hidden_skus = serializers.IntegerField()
    skus_to_zero = serializers.IntegerField()
    top = HiddenAtLevelSerializer(many=True)
