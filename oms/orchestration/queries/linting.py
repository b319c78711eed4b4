"""Reading a rule set for what its author probably did not mean. Nothing found here stops publishing."""

from collections.abc import Collection, Iterator

from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from oms.core.models import User
from oms.orchestration.models import RuleSet as StoredRuleSet
from oms.orchestration.overlaps import covers, may_meet
from oms.orchestration.queries.lint_network import linted_network
from oms.orchestration.queries.lint_rules import Finding, findings_for_rule, gaps
from oms.orchestration.wording import WHAT_NEXT, word_for
from oms.sourcing.rule_parsing import parse_rule_set
from oms.sourcing.rules import QUEUE, OrderConditions, RuleSet
from stock.models import Banner, Product, SalesChannel, StockPoint, StockPointGroup

__all__ = ["Finding", "findings_for"]


def findings_for(rule_set: RuleSet) -> list[Finding]:
    """Everything found, the set's own conditions first, then rule by rule; in the language in force."""
    found = [*_unknown_conditions(rule_set.applies_to), *_beside_others(rule_set)]
    groups = set(StockPointGroup.objects.values_list("code", flat=True))
    points = StockPoint.objects.values_list("code", "tags")
    codes, tags = {code for code, _tags in points}, {tag for _code, tags in points for tag in tags}
    network = linted_network(rule_set.applies_to)
    for place, rule in enumerate(rule_set.rules):
        filters = rule.filters
        for noun, named, known in (
            ("stock_point", (*filters.stock_points, *filters.exclude_stock_points), codes),
            ("group", (*filters.groups_any, *filters.exclude_groups), groups),
            ("tag", (*filters.tags_any, *filters.exclude_tags), tags),
        ):
            found += _unknown(rule.name, noun, named, known)
        found += findings_for_rule(rule_set, place, network)
    return [*found, *_without_fallback(rule_set), *_queue_nobody_reads(rule_set)]


def _unknown(rule: str | None, noun: str, named: tuple[str, ...], known: Collection[str]) -> Iterator[Finding]:
    sentences = {
        "stock_point": _("There is no stock point %(code)s."),
        "group": _("There is no group %(code)s."),
        "tag": _("No stock point has the tag %(code)s."),
        "channel": _("There is no channel %(code)s."),
        "banner": _("There is no banner %(code)s."),
        "category": _("There is no category %(code)s."),
    }
    for code in dict.fromkeys(named):
        if code not in known:
            yield Finding(rule, f"unknown_{noun}", sentences[noun] % {"code": code})


def _unknown_conditions(conditions: OrderConditions) -> Iterator[Finding]:
    channels = set(SalesChannel.objects.values_list("code", flat=True))
    yield from _unknown(None, "channel", conditions.channels, channels)
    yield from _unknown(None, "banner", conditions.banners, set(Banner.objects.values_list("code", flat=True)))
    if conditions.categories_any:
        sold = Product.objects.filter(category__in=conditions.categories_any)
        yield from _unknown(None, "category", conditions.categories_any, set(sold.values_list("category", flat=True)))


def _beside_others(rule_set: RuleSet) -> Iterator[Finding]:
    """Published sets that take every order of this one, or lose theirs to it, or share some by chance only."""
    published = StoredRuleSet.objects.filter(published_version__isnull=False).exclude(code=rule_set.code)
    rows = published.order_by("priority", "code").values_list("code", "priority", "published_version__document")
    mine = rule_set.applies_to
    for code, priority, document in rows:
        theirs = parse_rule_set(document).applies_to
        is_first = (priority, code) < (rule_set.priority, rule_set.code)
        if is_first and covers(theirs, mine):
            told = _("Rule set %(code)s is asked first and decides all of these orders.")
            yield Finding(None, "overruled", told % {"code": code})
        elif not is_first and covers(mine, theirs):
            told = _("It is asked before rule set %(code)s and takes all of its orders.")
            yield Finding(None, "overrules", told % {"code": code})
        elif priority == rule_set.priority and theirs != mine and may_meet(theirs, mine):
            told = _(
                "Rule set %(code)s has the same priority and takes some of the same orders: %(first)s decides them."
            )
            yield Finding(None, "overlaps", told % {"code": code, "first": min(code, rule_set.code)})


def _queue_nobody_reads(rule_set: RuleSet) -> Iterator[Finding]:
    """Orders that wait without an end, and no person whose work it is to look at them."""
    waits = rule_set.when_nothing_fits.action == QUEUE and rule_set.when_nothing_fits.cancel_after_days is None
    readers = Q(is_superuser=True) | Q(groups__name__in=_READERS)
    if waits and not User.objects.filter(readers, is_active=True).exists():
        told = _(
            "What nothing fits waits in the queue without an end, and nobody of customer service is there to read it."
        )
        yield Finding(None, "queue_nobody_reads", told)


_READERS = ("customer_service", "head_office")


def _without_fallback(rule_set: RuleSet) -> Iterator[Finding]:
    if all(rule.complete_only for rule in rule_set.rules):
        told = _(
            "Every rule wants the whole order: if none can serve all of it, nothing of it is sourced (%(action)s)."
        )
        language = "fr" if (get_language() or "").startswith("fr") else "en"
        action = word_for(WHAT_NEXT, rule_set.when_nothing_fits.action, language)
        yield Finding(None, "no_fallback", told % {"action": action})
    days = gaps(rule_set.rules)
    if days:
        told = _("At some hours of these weekdays no rule is in force: %(days)s.")
        yield Finding(None, "no_fallback", told % {"days": ", ".join(str(WEEKDAYS[day - 1]) for day in days)})
