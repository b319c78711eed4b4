"""Rule sets as the engine reads them, and as people list them."""

from collections.abc import Iterable
from functools import lru_cache

from oms.core.access import Access
from oms.orchestration.deciding import RulesInForce
from oms.orchestration.errors import UnknownRuleSet
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.states import VersionState
from oms.sourcing.facts import OrderFacts
from oms.sourcing.rule_parsing import parse_rule_set
from oms.sourcing.rules import DEFAULT_RULE_SET

SHIPPED_DEFAULT = RulesInForce(rules=DEFAULT_RULE_SET, version=None)


def deciding(rule_sets: Iterable[RulesInForce], order: OrderFacts) -> RulesInForce:
    """The first whose conditions the order meets decides alone; none: the shipped default."""
    return next((found for found in rule_sets if found.rules.applies_to.matches(order)), SHIPPED_DEFAULT)


@lru_cache(maxsize=8)
def parsed(ids: tuple[int, ...]) -> tuple[RulesInForce, ...]:
    """The rule sets of these published versions, the first to be asked first. A published document
    never changes, so its id is enough to know it by and it is read once."""
    versions = RuleSetVersion.objects.in_bulk(ids)
    found = [RulesInForce(rules=parse_rule_set(versions[pk].document), version=versions[pk].number) for pk in ids]
    return tuple(sorted(found, key=lambda each: (each.rules.priority, each.rules.code)))


def most_hops() -> int:
    """Beyond so many declines no rule set that is in force has anybody asked."""
    ids = RuleSet.objects.exclude(published_version=None).order_by("priority", "code")
    in_force = parsed(tuple(ids.values_list("published_version", flat=True)))
    return max(each.rules.max_hops for each in (*in_force, SHIPPED_DEFAULT))


def rule_set_for_code(*, code: str, access: Access) -> RuleSet:
    found = RuleSet.objects.visible_to(access).select_related("published_version").filter(code=code).first()
    if found is None:
        raise UnknownRuleSet(f"There is no rule set {code}.")
    return found


def version_to_read(rule_set: RuleSet) -> RuleSetVersion:
    """The draft if there is one, else the published version, else the latest."""
    order = {VersionState.DRAFT: 0, VersionState.PUBLISHED: 1}
    return min(rule_set.versions.all(), key=lambda each: (order.get(VersionState(each.state), 2), -each.number))
