"""What a merchandiser reads first: the shipped scenarios as drafts, and orders that were really decided kept as
examples of the demo's own rule sets."""

from __future__ import annotations

from django.utils.translation import override

from oms.demo.places import CITY, FLAGSHIP
from oms.demo.rule_sets import DOCUMENTS
from oms.orchestration.models import SourcingRun
from oms.orchestration.services.examples import example_from_order
from oms.orchestration.services.scenarios import ensure_scenarios

EXAMPLES_OF_EACH = 2


def keep_rule_sets_to_learn_from() -> None:
    """Every scenario is written for the demo's own channels and groups; none is in force."""
    with override("fr"):
        ensure_scenarios(
            web_channels=["demo-web"],
            shop_channels=["demo-store"],
            warehouse_groups=["demo-warehouses"],
            store_groups=[FLAGSHIP, CITY],
        )
    for document in DOCUMENTS:
        code = str(document["code"])
        for reference in _decided_by(code):
            example_from_order(code=code, reference=reference)


def _decided_by(code: str) -> list[str]:
    """The first orders that a rule of this set planned."""
    planned = SourcingRun.objects.filter(rule_set_code=code).exclude(rule="").order_by("pk")
    references = dict.fromkeys(planned.values_list("reference", flat=True)[: EXAMPLES_OF_EACH * 10])
    return list(references)[:EXAMPLES_OF_EACH]
