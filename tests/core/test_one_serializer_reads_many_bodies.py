"""A serializer kept for all requests reads each as its own would: the same values, the same refusals."""

from typing import Any

import pytest
from rest_framework import serializers

from oms.core.api.serializers import StrictSerializer, validated


class Place(StrictSerializer):
    country = serializers.CharField(max_length=2)


class Question(StrictSerializer):
    sku = serializers.CharField()
    place = Place(allow_null=True, default=None)
    tags = serializers.ListField(child=serializers.CharField(), default=list)


def test_nothing_is_left_of_the_body_before():
    first = validated(Question, {"sku": "A", "place": {"country": "FR"}, "tags": ["gift"]})
    first["tags"].append("mine")
    assert validated(Question, {"sku": "B"}) == {"sku": "B", "place": None, "tags": []}
    assert validated(Question, {"sku": "C"}) == {"sku": "C", "place": None, "tags": []}


@pytest.mark.parametrize(
    "body", [None, [], "text", {}, {"sku": "A", "other": 1}, {"sku": "A", "place": {"country": "FRA", "town": "x"}}]
)
def test_a_refusal_says_what_it_always_said(body: Any):
    alone = Question(data=body)
    assert not alone.is_valid()
    with pytest.raises(serializers.ValidationError) as refused:
        validated(Question, body)
    assert refused.value.detail == alone.errors
