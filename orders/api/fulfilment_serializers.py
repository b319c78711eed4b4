"""Fulfilments and parcels, in and out."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from oms.core.api.serializers import StrictSerializer
from orders.models import Fulfilment
from orders.queries.fulfilments import lines_of
from orders.queries.milestones import milestones_of_work
from orders.services.declining import DeclineReason
from orders.services.packing import Packing
from orders.services.work import SkuQuantity
from orders.states import Milestone, MilestoneState

MOST_UNITS = 1_000_000


class SkuQuantitySerializer(StrictSerializer):
    sku = serializers.CharField(max_length=64)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_UNITS)


class PickedSkuSerializer(StrictSerializer):
    sku = serializers.CharField(max_length=64)
    quantity = serializers.IntegerField(min_value=0, max_value=MOST_UNITS, help_text="Final total; 0: none was found.")


class NothingSerializer(StrictSerializer):
    """A move that takes no data."""


class DeclineSerializer(StrictSerializer):
    reason = serializers.ChoiceField(choices=DeclineReason.choices)
    lines = SkuQuantitySerializer(
        many=True, required=False, allow_empty=False, help_text="All of the work when absent."
    )


class PickSerializer(StrictSerializer):
    lines = PickedSkuSerializer(many=True, allow_empty=False)


class ParcelInSerializer(StrictSerializer):
    weight_g = serializers.IntegerField(min_value=1, max_value=2_000_000)
    lines = SkuQuantitySerializer(many=True, allow_empty=False)


class PackSerializer(StrictSerializer):
    parcels = ParcelInSerializer(many=True, allow_empty=False)


class CollectSerializer(StrictSerializer):
    code = serializers.CharField(max_length=12)


class FulfilmentLineSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    sku = serializers.CharField(source="line.variant.sku")
    gtin = serializers.CharField(source="line.variant.gtin", allow_null=True)
    quantity = serializers.IntegerField()
    picked = serializers.IntegerField(source="picked_quantity")


class ParcelLineSerializer(serializers.Serializer):
    sku = serializers.CharField(source="allocation.line.variant.sku")
    quantity = serializers.IntegerField()


class ParcelSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    state = serializers.CharField()
    carrier = serializers.CharField()
    service = serializers.CharField()
    weight_g = serializers.IntegerField()
    tracking_number = serializers.CharField(allow_null=True)
    lines = ParcelLineSerializer(many=True, source="shown_lines")


class MilestoneSerializer(serializers.Serializer):
    """A step that must be taken by `due_at`, so that the promised day is kept."""

    milestone = serializers.ChoiceField(choices=Milestone.choices)
    due_at = serializers.DateTimeField()
    met_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(choices=MilestoneState.choices)


class FulfilmentSerializer(serializers.ModelSerializer[Fulfilment]):
    """One stock point's work on one order."""

    order = serializers.CharField(source="order.number")
    stock_point = serializers.CharField(source="stock_point.code")
    pickup_point = serializers.CharField(source="pickup_point.code", default=None, allow_null=True)
    lines = serializers.SerializerMethodField()
    parcels = ParcelSerializer(many=True, source="shown_parcels")
    milestones = serializers.SerializerMethodField()

    class Meta:
        model = Fulfilment
        fields = (
            "id",
            "order",
            "stock_point",
            "pickup_point",
            "state",
            "mode",
            "service",
            "promised_on",
            "due_at",
            "accept_by",
            "accepted_by",
            "accepted_at",
            "decline_reason",
            "milestones",
            "lines",
            "parcels",
        )

    @extend_schema_field(FulfilmentLineSerializer(many=True))
    def get_lines(self, fulfilment: Fulfilment) -> list[dict[str, object]]:
        return list(FulfilmentLineSerializer(lines_of(fulfilment), many=True).data)

    @extend_schema_field(MilestoneSerializer(many=True))
    def get_milestones(self, fulfilment: Fulfilment) -> list[dict[str, object]]:
        parcels = fulfilment.shown_parcels  # type: ignore[attr-defined]
        found = milestones_of_work(fulfilment, order=fulfilment.order, parcels=parcels)
        return list(MilestoneSerializer(found, many=True).data)


def sku_quantities(rows: list[dict[str, object]]) -> list[SkuQuantity]:
    return [SkuQuantity(str(row["sku"]), int(str(row["quantity"]))) for row in rows]


def packings(rows: list[dict[str, object]]) -> list[Packing]:
    return [Packing(int(str(row["weight_g"])), sku_quantities(row["lines"])) for row in rows]  # type: ignore[arg-type]
