"""`PUT /pick-up-times/`: when carriers come to single stock points."""

from collections.abc import Sequence

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from oms.core.api.bulk import BulkPutView, BulkResult, Row
from oms.core.api.serializers import RowSerializer, StrictSerializer
from oms.core.api.views import ListView
from oms.orchestration.models import PickUpTimes
from oms.orchestration.services.pick_ups import save_pick_up_times
from oms.sourcing.calendars import WEEKDAYS

CLOCK = "%H:%M"


class WeekSerializer(StrictSerializer):
    """Times of day by weekday; a day that is absent has no pick-up."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            day: serializers.ListField(
                child=serializers.TimeField(input_formats=[CLOCK], format=CLOCK), required=False, allow_null=True
            )
            for day in WEEKDAYS
        }


class PickUpTimesRowSerializer(RowSerializer):
    carrier = serializers.CharField(max_length=60)
    service = serializers.CharField(max_length=60)
    stock_point = serializers.CharField(max_length=60)
    times = WeekSerializer(help_text="In the stock point's zone. Empty: it collects there as everywhere.")


class PickUpTimesSerializer(serializers.ModelSerializer):
    """As the rows of the PUT."""

    carrier = serializers.CharField(source="carrier_service.carrier")
    service = serializers.CharField(source="carrier_service.service")
    stock_point = serializers.CharField(source="stock_point.code")
    times = serializers.SerializerMethodField()

    class Meta:
        model = PickUpTimes
        fields = tuple(PickUpTimesRowSerializer().fields)

    @extend_schema_field(WeekSerializer())
    def get_times(self, found: PickUpTimes) -> dict[str, list[str]]:
        week = {day: getattr(found, day) for day in WEEKDAYS}
        return {day: [at.strftime(CLOCK) for at in times] for day, times in week.items() if times}


class PickUpTimesBulkView(BulkPutView, ListView):  # type: ignore[misc]
    """A stock point's own times of a carrier's service stand for the service's `cut_off` and `working_days` there."""

    required_scopes = "config:write"
    queryset = PickUpTimes.objects.select_related("carrier_service", "stock_point")
    serializer_class = PickUpTimesSerializer
    ordering = ("carrier_service__carrier", "carrier_service__service", "stock_point__code")
    row_serializer = PickUpTimesRowSerializer
    natural_key = ("carrier", "service", "stock_point")

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        return save_pick_up_times(rows=rows)
