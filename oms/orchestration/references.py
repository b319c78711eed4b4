"""What references to rule sets look like to people."""

from collections.abc import Mapping

from django.urls import reverse

from oms.core.queries.references import Reference, name_references
from oms.orchestration.models import RuleSet


def _rule_sets(codes: list[str]) -> Mapping[str, Reference]:
    found = RuleSet.objects.filter(code__in=codes).values_list("code", "pk", "name")
    return {
        code: Reference(name or code, reverse("admin:orchestration_ruleset_change", args=[pk]))
        for code, pk, name in found
    }


name_references("rule_set", _rule_sets)
