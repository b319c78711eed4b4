"""`/rule-sets/` and `/postcodes/`. Rule sets are head office's: a key bound to a part of the network finds none."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.bulk import BulkPutView, BulkResult, Row
from oms.core.api.idempotency import IdempotentMixin
from oms.core.api.views import ApiView, ListView
from oms.orchestration.api.serializers import (
    FindingsSerializer,
    NothingSerializer,
    PostcodeRowSerializer,
    PublishSerializer,
    RollBackSerializer,
    RuleSetDocumentSerializer,
    RuleSetSerializer,
    RuleSetSummarySerializer,
    VersionSerializer,
)
from oms.orchestration.errors import UnknownRuleSet
from oms.orchestration.models import Postcode, RuleSet, RuleSetVersion
from oms.orchestration.queries.linting import findings_for
from oms.orchestration.queries.rule_sets import rule_set_for_code, version_to_read
from oms.orchestration.services.places import save_postcodes
from oms.orchestration.services.rule_sets import publish, roll_back, save_draft
from oms.sourcing.rule_parsing import parse_rule_set

SCOPE = "config:write"


class PostcodeBulkView(BulkPutView, ListView):  # type: ignore[misc]
    required_scopes = SCOPE
    queryset = Postcode.objects.all()
    serializer_class = PostcodeRowSerializer
    ordering = ("country", "postcode")
    row_serializer = PostcodeRowSerializer
    natural_key = ("country", "postcode")

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        return save_postcodes(rows=rows)


class RuleSetListView(ListView):
    required_scopes = SCOPE
    queryset = RuleSet.objects.select_related("published_version")
    serializer_class = RuleSetSummarySerializer
    ordering = ("priority", "code")


class RuleSetView(ApiView):
    required_scopes = SCOPE

    @extend_schema(responses=RuleSetSerializer)
    def get(self, request: Request, code: str) -> Response:
        return Response(RuleSetSerializer(rule_set_for_code(code=code, access=self.access)).data)

    @extend_schema(request=RuleSetDocumentSerializer, responses=VersionSerializer)
    def put(self, request: Request, code: str) -> Response:
        """Write the draft."""
        if not self.access.is_unlimited:
            raise UnknownRuleSet(f"There is no rule set {code}.")
        return Response(VersionSerializer(save_draft(code=code, document=request.data)).data)


class RuleSetActionView(IdempotentMixin, ApiView):  # type: ignore[misc]
    """A POST on one rule set this key may see, with a small body of its own."""

    required_scopes = SCOPE
    body: type[serializers.Serializer] = NothingSerializer

    def asked(self, request: Request, code: str) -> dict[str, Any]:
        rule_set_for_code(code=code, access=self.access)
        serializer = self.body(data=request.data or {})
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class PublishView(RuleSetActionView):
    body = PublishSerializer

    @extend_schema(request=PublishSerializer, responses=VersionSerializer)
    def post(self, request: Request, code: str) -> Response:
        """Put the draft in force, now or at a later moment."""
        return Response(VersionSerializer(publish(code=code, at=self.asked(request, code).get("at"))).data)


class RollBackView(RuleSetActionView):
    body = RollBackSerializer

    @extend_schema(request=RollBackSerializer, responses=VersionSerializer)
    def post(self, request: Request, code: str) -> Response:
        """Put an earlier version back in force."""
        return Response(VersionSerializer(roll_back(code=code, version=self.asked(request, code)["version"])).data)


class LintView(RuleSetActionView):
    @extend_schema(request=NothingSerializer, responses=FindingsSerializer)
    def post(self, request: Request, code: str) -> Response:
        """What the draft (else the published version) probably does not mean."""
        self.asked(request, code)
        version = version_to_read(rule_set_for_code(code=code, access=self.access))
        findings = findings_for(parse_rule_set(version.document))
        return Response({"findings": [asdict(finding) for finding in findings]})


class VersionListView(ListView):
    required_scopes = SCOPE
    queryset = RuleSetVersion.objects.select_related("rule_set")
    serializer_class = VersionSerializer
    ordering = ("-number",)

    def get_queryset(self) -> QuerySet[Any]:
        versions = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return versions
        return versions.filter(rule_set=rule_set_for_code(code=self.kwargs["code"], access=self.access))
