"""What carriers send, signed."""

from __future__ import annotations

from datetime import timedelta

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core import clock
from oms.core.api.serializers import StrictSerializer
from oms.core.api.views import SignedView
from oms.core.errors import Invalid, NotFound
from oms.orchestration.queries.carriers import is_carrier
from orders import carriers
from orders.carriers.protocol import TrackingKind, TrackingUpdate
from orders.services.tracking import record_carrier_event

# A carrier's clock may be off, as ours may: more than this ahead is a mistake, not a clock.
CLOCK_TOLERANCE = timedelta(minutes=15)


class CarrierEventSerializer(StrictSerializer):
    event_id = serializers.CharField(max_length=100)
    tracking_number = serializers.CharField(max_length=60)
    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in TrackingKind])
    occurred_at = serializers.DateTimeField()


class CarrierEventAnswerSerializer(serializers.Serializer):
    is_new = serializers.BooleanField(help_text="False for a repeat, which had no effect.")


class CarrierEventView(SignedView):
    """One tracking event. Repeats and any order of arrival are harmless."""

    def secret_name(self) -> str:
        """The carrier's own name: `create_webhook_secret house`. Nobody else's secret opens a carrier's door."""
        carrier = str(self.kwargs["carrier"])
        if carrier not in carriers.PLUG_INS and not is_carrier(carrier):
            raise NotFound("There is no such carrier.")
        return carrier

    @extend_schema(request=CarrierEventSerializer, responses={200: CarrierEventAnswerSerializer})
    def post(self, request: Request, carrier: str) -> Response:
        serializer = CarrierEventSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        if data["occurred_at"] > clock.now() + CLOCK_TOLERANCE:
            raise Invalid("This event lies in the future.", errors={"occurred_at": ["In the future."]})
        update = TrackingUpdate(
            event_id=data["event_id"],
            tracking_number=data["tracking_number"],
            kind=TrackingKind(data["kind"]),
            occurred_at=data["occurred_at"],
        )
        return Response({"is_new": record_carrier_event(carrier=carrier, update=update)})
