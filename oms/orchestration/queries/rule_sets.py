"""Rule sets as the engine reads them, and as people list them."""

from collections.abc import Iterable
from functools import lru_cache

from django.db import connection

from oms.core.access import Access
from oms.orchestration.deciding import RulesInForce
from oms.orchestration.errors import UnknownRuleSet
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.states import VersionState
from oms.sourcing.facts import OrderFacts
from oms.sourcing.rule_parsing import parse_rule_set
from oms.sourcing.rules import DEFAULT_RULE_SET

_IN_FORCE = """
SELECT published_version_id FROM orchestration_ruleset
WHERE published_version_id IS NOT NULL ORDER BY priority, code
"""


SHIPPED_DEFAULT = RulesInForce(rules=DEFAULT_RULE_SET, version=None)


def rule_sets_in_force() -> tuple[RulesInForce, ...]:
    """Every published rule set, the first to be asked first. One small query; documents are parsed once."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE)
        ids = tuple(row[0] for row in cursor.fetchall())
    return _loaded(ids)


def deciding(rule_sets: Iterable[RulesInForce], order: OrderFacts) -> RulesInForce:
    """The first whose conditions the order meets decides alone; none: the shipped default."""
    return next((found for found in rule_sets if found.rules.applies_to.matches(order)), SHIPPED_DEFAULT)


@lru_cache(maxsize=8)
def _loaded(ids: tuple[int, ...]) -> tuple[RulesInForce, ...]:
    """A published document never changes, so its id is enough to know it by."""
    versions = RuleSetVersion.objects.in_bulk(ids)
    found = [RulesInForce(rules=parse_rule_set(versions[pk].document), version=versions[pk].number) for pk in ids]
    return tuple(sorted(found, key=lambda each: (each.rules.priority, each.rules.code)))


def rule_set_for_code(*, code: str, access: Access) -> RuleSet:
    found = RuleSet.objects.visible_to(access).select_related("published_version").filter(code=code).first()
    if found is None:
        raise UnknownRuleSet(f"There is no rule set {code}.")
    return found


def version_to_read(rule_set: RuleSet) -> RuleSetVersion:
    """The draft if there is one, else the published version, else the latest."""
    order = {VersionState.DRAFT: 0, VersionState.PUBLISHED: 1}
    return min(rule_set.versions.all(), key=lambda each: (order.get(VersionState(each.state), 2), -each.number))
