"""Rule sets and postcodes as the API reads and writes them."""

from datetime import UTC
from typing import Any

from rest_framework import serializers

from oms.core.api.serializers import RowSerializer, StrictSerializer
from oms.orchestration.documents import ordered
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.states import VersionState
from oms.sourcing.facts import CHANNEL_KINDS, MODES, STOCK_POINT_KINDS
from oms.sourcing.rules import ACTIONS, OBJECTIVES


class PostcodeRowSerializer(RowSerializer):
    country = serializers.RegexField(r"^[A-Z]{2}$", help_text="ISO 3166, two letters.")
    postcode = serializers.CharField(max_length=16)
    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)


def _texts(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=200), required=False, **options)


def _choices(values: tuple[str, ...]) -> serializers.ListField:
    return serializers.ListField(child=serializers.ChoiceField(choices=values), required=False)


def _amount(**options: Any) -> serializers.CharField:
    return serializers.RegexField(r"^[0-9]{1,13}(\.[0-9]{1,6})?$", required=False, **options)


class OrderValueSerializer(serializers.Serializer):
    min = _amount(allow_null=True)
    max = _amount(allow_null=True)


class OrderWindowSerializer(serializers.Serializer):
    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            **_hours(),
            "first_day": serializers.DateField(required=False, allow_null=True),
            "last_day": serializers.DateField(required=False, allow_null=True),
        }


def _hours() -> dict[str, serializers.Field]:
    clock = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"
    return {
        "weekdays": serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=7), required=False),
        "from": serializers.RegexField(clock, required=False),
        "to": serializers.RegexField(clock, required=False),
    }


class AppliesToSerializer(serializers.Serializer):
    channels = _texts()
    channel_kinds = _choices(CHANNEL_KINDS)
    banners = _texts()
    modes = _choices(MODES)
    countries = serializers.ListField(child=serializers.RegexField(r"^[A-Z]{2}$"), required=False)
    postcode_prefixes = _texts()
    order_value = OrderValueSerializer(required=False)
    categories_any = _texts()
    tags_any = _texts()
    customer_classes = _texts()
    ordered = OrderWindowSerializer(required=False)


class FiltersSerializer(serializers.Serializer):
    kinds = _choices(STOCK_POINT_KINDS)
    groups_any = _texts()
    exclude_groups = _texts()
    stock_points = _texts()
    exclude_stock_points = _texts()
    within_km = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=40_000)
    min_capacity_left = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    min_units_left = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    same_banner = serializers.BooleanField(required=False)
    open_today = serializers.BooleanField(required=False)
    destination_only = serializers.BooleanField(required=False)
    exclude_destination = serializers.BooleanField(required=False)
    tags_any = _texts()
    exclude_tags = _texts()
    open_now = serializers.BooleanField(required=False)
    min_cover_days = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=3650)


class ObjectivesSerializer(serializers.Serializer):
    def get_fields(self) -> dict[str, serializers.Field]:
        return {name: _amount() for name in OBJECTIVES}


class AssignmentSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=("assign", "offer"), required=False)
    candidates = serializers.IntegerField(required=False, min_value=1, max_value=100)


class RuleCalendarSerializer(serializers.Serializer):
    def get_fields(self) -> dict[str, serializers.Field]:
        return _hours()


class RuleSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=200)
    filters = FiltersSerializer(required=False)
    objectives = ObjectivesSerializer(required=False)
    max_parcels = serializers.IntegerField(required=False, min_value=1, max_value=99)
    complete_only = serializers.BooleanField(required=False)
    allow_quantity_split = serializers.BooleanField(required=False)
    late_days = serializers.IntegerField(required=False, min_value=0, max_value=3650)
    assignment = AssignmentSerializer(required=False)
    acceptance_minutes = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    calendar = RuleCalendarSerializer(required=False)
    no_split_below = _amount(allow_null=True)


class WhenNothingFitsSerializer(serializers.Serializer):
    action = serializers.ChoiceField(choices=ACTIONS, required=False)
    cancel_after_days = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=3650)


class RuleSetDocumentSerializer(serializers.Serializer):
    """The form of the document, for the served schema; the sourcing engine's own reader checks it."""

    code = serializers.CharField(max_length=64, required=False)
    name = serializers.CharField(max_length=200)
    priority = serializers.IntegerField(required=False, min_value=0, max_value=1_000_000)
    applies_to = AppliesToSerializer(required=False)
    rules = RuleSerializer(many=True, min_length=1)  # type: ignore[call-arg]
    when_nothing_fits = WhenNothingFitsSerializer(required=False)
    max_hops = serializers.IntegerField(required=False, min_value=0, max_value=1000)
    uses_learning = serializers.BooleanField(required=False)


class VersionSerializer(serializers.ModelSerializer):
    code = serializers.CharField(source="rule_set.code", read_only=True)
    version = serializers.IntegerField(source="number", read_only=True)
    document = RuleSetDocumentSerializer(read_only=True)

    class Meta:
        model = RuleSetVersion
        fields = ("code", "version", "state", "effective_at", "edited_at", "edited_by", "published_by", "document")
        read_only_fields = fields

    def to_representation(self, instance: RuleSetVersion) -> dict[str, Any]:
        """The document as stored, in the order of the contract."""
        return {
            "code": instance.rule_set.code,
            "version": instance.number,
            "state": instance.state,
            "effective_at": instance.effective_at,
            "edited_at": instance.edited_at,
            "edited_by": instance.edited_by,
            "published_by": instance.published_by,
            "document": ordered(instance.document),
        }


class RuleSetSummarySerializer(serializers.ModelSerializer):
    published_version = serializers.IntegerField(
        source="published_version.number", default=None, allow_null=True, read_only=True
    )

    class Meta:
        model = RuleSet
        fields = ("code", "name", "priority", "published_version")
        read_only_fields = fields


class RuleSetSerializer(serializers.Serializer):
    """One rule set with what is in force, what is being written and what is to come."""

    code = serializers.CharField()
    name = serializers.CharField()
    priority = serializers.IntegerField()
    published = VersionSerializer(allow_null=True)
    draft = VersionSerializer(allow_null=True)
    scheduled = VersionSerializer(many=True)

    def to_representation(self, instance: RuleSet) -> dict[str, Any]:
        live = list(instance.versions.exclude(state=VersionState.RETIRED).select_related("rule_set").order_by("number"))

        def in_state(state: VersionState) -> list[dict[str, Any]]:
            return [VersionSerializer(each).data for each in live if each.state == state]

        return {
            "code": instance.code,
            "name": instance.name,
            "priority": instance.priority,
            "published": next(iter(in_state(VersionState.PUBLISHED)), None),
            "draft": next(iter(in_state(VersionState.DRAFT)), None),
            "scheduled": in_state(VersionState.SCHEDULED),
        }


class PublishSerializer(StrictSerializer):
    at = serializers.DateTimeField(
        required=False, allow_null=True, default_timezone=UTC, help_text="Absent: now, before the answer."
    )


class RollBackSerializer(StrictSerializer):
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class NothingSerializer(StrictSerializer):
    """An empty body."""


class FindingSerializer(serializers.Serializer):
    rule = serializers.CharField(allow_null=True, help_text="The rule's name; null for the whole set.")
    code = serializers.CharField()
    detail = serializers.CharField()


class FindingsSerializer(serializers.Serializer):
    findings = FindingSerializer(many=True)
