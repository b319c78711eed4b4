"""Strict input: what is not known is refused, never silently dropped."""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

UNKNOWN = _("Unknown field.")


class StrictSerializer(serializers.Serializer):
    """Unknown and read-only fields are errors, told together with the other errors by field."""

    def to_internal_value(self, data: Any) -> Any:
        refused = self._refused(data) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **refused}) from error
            raise
        if refused:
            raise serializers.ValidationError(refused)
        return value

    def _refused(self, data: Mapping[str, Any]) -> dict[str, list[Any]]:
        return {str(name): [UNKNOWN] for name in data if name not in self._writable_names}

    @cached_property
    def _writable_names(self) -> frozenset[str]:
        return frozenset(name for name, field in self.fields.items() if not field.read_only)


def validated(kind: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """What `is_valid(raise_exception=True)` leaves as `validated_data`, for a serializer that needs nothing but the
    body: one instance reads all requests, because copying its fields takes longer than reading the body."""
    try:
        found: dict[str, Any] = _instance(kind).run_validation(data)
    except serializers.ValidationError:
        refusing = kind(data=data)
        refusing.is_valid(raise_exception=True)
        return dict(refusing.validated_data)
    return found


@cache
def _instance(kind: type[serializers.Serializer]) -> serializers.Serializer:
    return kind()


class RowSerializer(StrictSerializer):
    """One row of a bulk PUT: an empty text means none, as null does."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            data = {name: None if value == "" else value for name, value in data.items()}
        return super().to_internal_value(data)


class ProblemSerializer(serializers.Serializer):
    """Problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable; what a program should decide on.")
    detail = serializers.CharField(help_text="One sentence for a person.")
    errors = serializers.JSONField(  # type: ignore[assignment]
        required=False, help_text="Messages by field, or by row."
    )
    data = serializers.JSONField(  # type: ignore[assignment]
        required=False, help_text="What the caller needs to act on the refusal."
    )


class RowErrorSerializer(serializers.Serializer):
    index = serializers.IntegerField(help_text="The row's place in the request, from 0.")
    code = serializers.CharField()
    detail = serializers.CharField()


class BulkResultSerializer(serializers.Serializer):
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    errors = RowErrorSerializer(many=True)  # type: ignore[assignment]
