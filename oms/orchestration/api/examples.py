"""`/rule-sets/{code}/examples/`: example orders, kept beside the rule set they are about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.bulk import BulkPutView, BulkResult, Row
from oms.core.api.serializers import RowSerializer, StrictSerializer
from oms.core.api.views import ApiView, ListView
from oms.orchestration.api.serializers import NothingSerializer
from oms.orchestration.api.views import SCOPE, RuleSetActionView
from oms.orchestration.examples import OUTCOMES
from oms.orchestration.models import ExampleOrder
from oms.orchestration.packing import unpacked
from oms.orchestration.queries.examples import examples_tried
from oms.orchestration.queries.rule_sets import rule_set_for_code, version_to_read
from oms.orchestration.services.examples import drop_example, save_examples
from oms.sourcing.rule_parsing import parse_rule_set
from oms.sourcing.rules import ACTIONS


class OutcomeSerializer(StrictSerializer):
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    rule = serializers.CharField(required=False, allow_null=True, max_length=200)
    action = serializers.ChoiceField(choices=ACTIONS, required=False, allow_null=True)
    parcels = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField(min_value=1, max_value=2**31 - 1)),
        required=False,
        allow_null=True,
        help_text="Units by stock point and SKU. What is null does not matter.",
    )


class ExampleRowSerializer(RowSerializer):
    """Either `facts`, as they are read here, or `order`, the number of one that was decided."""

    name = serializers.CharField(max_length=200)
    facts = serializers.DictField(required=False, allow_null=True)
    order = serializers.CharField(required=False, allow_null=True, max_length=100)
    expected = OutcomeSerializer(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="Absent: what the rule set makes of it now."
    )

    def validate(self, row: dict[str, Any]) -> dict[str, Any]:
        if (row.get("facts") is None) == (row.get("order") is None):
            raise serializers.ValidationError("Give the facts or an order, one of them.")
        return row


class ExampleSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    facts = serializers.DictField(help_text="Everything its decision rests on, its network and stock included.")
    expected = OutcomeSerializer()
    origin = serializers.CharField()
    edited_at = serializers.DateTimeField()
    edited_by = serializers.CharField()

    def to_representation(self, instance: ExampleOrder) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "name": instance.name,
            "facts": json.loads(unpacked(instance.facts)),
            "expected": instance.expected,
            "origin": instance.origin,
            "edited_at": instance.edited_at,
            "edited_by": instance.edited_by,
        }


class TriedSerializer(serializers.Serializer):
    name = serializers.CharField()
    wanted = OutcomeSerializer()
    got = OutcomeSerializer()
    differing = serializers.ListField(
        child=serializers.CharField(), help_text="The fields that are not as wanted; publishing asks for none."
    )


class TriedListSerializer(serializers.Serializer):
    examples = TriedSerializer(many=True)


class ExampleBulkView(BulkPutView, ListView):  # type: ignore[misc]
    required_scopes = SCOPE
    queryset = ExampleOrder.objects.all()
    serializer_class = ExampleSerializer
    ordering = ("id",)
    row_serializer = ExampleRowSerializer
    natural_key = "name"
    # Each of them is a decision.
    max_rows: ClassVar[int] = 200

    def get_queryset(self) -> QuerySet[Any]:
        examples = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return examples
        return examples.filter(rule_set=rule_set_for_code(code=self.kwargs["code"], access=self.access))

    def put(self, request: Request, code: str) -> Response:  # type: ignore[override]
        """Write examples by their names; those not named stay."""
        rule_set_for_code(code=code, access=self.access)
        return self.answer(request)

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        return save_examples(code=self.kwargs["code"], rows=rows)


class ExampleView(ApiView):
    required_scopes = SCOPE

    @extend_schema(responses={204: None})
    def delete(self, request: Request, code: str, pk: int) -> Response:
        rule_set_for_code(code=code, access=self.access)
        drop_example(example_id=pk, code=code)
        return Response(status=204)


class TryExamplesView(RuleSetActionView):
    @extend_schema(request=NothingSerializer, responses=TriedListSerializer)
    def post(self, request: Request, code: str) -> Response:
        """What the draft (else the published version) makes of each."""
        self.asked(request, code)
        rule_set = rule_set_for_code(code=code, access=self.access)
        rules = parse_rule_set(version_to_read(rule_set).document)
        told = [
            {
                "name": each.known.example.name,
                "wanted": each.tried.wanted.to_document(),
                "got": each.tried.got.to_document(),
                "differing": list(each.tried.differing),
            }
            for each in examples_tried(rule_set.pk, rules)
        ]
        return Response({"examples": told})
