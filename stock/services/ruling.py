"""Protection rules come, change and go; the levels they cover follow within seconds."""

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.audit import record_audits
from oms.core.bulk import BulkResult, Row
from oms.core.errors import Invalid, TooSlow
from oms.core.patience import at_most
from oms.core.retrying import retry_on_conflict
from stock.errors import PreviewTooLarge
from stock.models import Product, ProtectionRule, StockPointGroup
from stock.queries.codes import channels_by_code, stock_points_by_code, variants_by_sku
from stock.queries.protection_preview import HiddenStock, hidden_stock
from stock.services.protecting import queue_protection
from stock.services.upserting import Upsert

# The field of the API → the column of the rule.
_NAMED = {"channel": "channel", "stock_point": "stock_point", "group": "group", "product": "product", "sku": "variant"}
_PLACES = ("stock_point", "group", "kind")
_ARTICLES = ("variant", "product", "category")


@retry_on_conflict
@transaction.atomic
def save_protection_rules(*, rows: Sequence[Row], access: Access = EVERYTHING) -> BulkResult:
    """Create or change rules by code. Who is bound to a part of the network rules over that part only."""
    result = BulkResult()
    rules, before = _told_rules(rows, access, result)
    _apply_soon(rules, before)
    return result


def _told_rules(
    rows: Sequence[Row], access: Access, result: BulkResult
) -> tuple[Upsert[ProtectionRule], dict[str, ProtectionRule]]:
    """The rules as the rows want them, not written yet, and those that exist as they are."""
    codes = _Codes(rows, access)
    rules = Upsert(ProtectionRule, "code", result)
    rules.load(row["code"] for row in rows)
    before = {code: copy(rule) for code, rule in rules.objects.items()}
    for row in rows:
        known = before.get(row["code"])
        if known is not None and not is_within(known, access):
            result.refuse(row.index, *_outside(access))
            continue
        values = codes.resolve(row, result)
        if values is not None:
            rules.put(row, values)
    for code in list(rules.rows):
        refusal = _refusal(rules.objects[code], access)
        if refusal is not None:
            rules.refuse(code, *refusal)
    return rules, before


def preview_protection_rule(*, row: Row, access: Access) -> HiddenStock:
    """What the rule of the row would take from sale if it were in force now, in place of its present self.

    Nothing is written, and nothing stays locked while it is counted. Raises `PreviewTooLarge` where that takes
    longer than a caller should wait.
    """
    result = BulkResult()
    with transaction.atomic():
        rules, _ = _told_rules([row], access, result)
    if result.errors:
        raise Invalid(result.errors[0].detail, data={"code": result.errors[0].code})
    limit: int = settings.PROTECTION_PREVIEW_MS
    try:
        with at_most(limit):
            return hidden_stock(rule=rules.objects[row["code"]], at=clock.now())
    except TooSlow as error:
        raise PreviewTooLarge(data={"waited_ms": limit}) from error


class _Codes:
    """The ids of all that the rows name."""

    def __init__(self, rows: Sequence[Row], access: Access) -> None:
        def named(name: str) -> set[str]:
            return {row[name] for row in rows if row.get(name)}

        groups = StockPointGroup.objects.filter(code__in=named("group"))
        products = Product.objects.filter(code__in=named("product"))
        self.ids: dict[str, Mapping[str, int]] = {
            "channel": channels_by_code(named("channel"), access),
            "stock_point": stock_points_by_code(named("stock_point"), access),
            "group": dict(groups.values_list("code", "pk")),
            "product": dict(products.values_list("code", "pk")),
            "sku": variants_by_sku(named("sku")),
        }

    def resolve(self, row: Row, result: BulkResult) -> dict[str, Any] | None:
        """The rule's columns; None when the row names something unknown and is refused."""
        values: dict[str, Any] = {}
        for name, value in row.data.items():
            if name in _NAMED and value is not None and value not in self.ids[name]:
                result.refuse(row.index, f"unknown_{name}", f"There is no {name.replace('_', ' ')} {value}.")
                return None
            values[_NAMED.get(name, name)] = self.ids[name][value] if name in _NAMED and value is not None else value
        # A quantity replaces a share, and a share a quantity; so do places and articles of one family.
        for family in (("quantity", "percent"), _PLACES, _ARTICLES):
            given = [name for name in family if values.get(name) is not None]
            if len(given) == 1:
                values.update((name, None) for name in family if name != given[0])
        return values


def _refusal(rule: ProtectionRule, access: Access) -> tuple[str, str] | None:
    if (rule.quantity is None) == (rule.percent is None):
        return "invalid", gettext_noop("quantity: Either a quantity or a percent is needed.")
    if sum(1 for place in (rule.stock_point_id, rule.group_id, rule.kind) if place) > 1:
        return "invalid", gettext_noop("stock_point: At most one of stock point, group and kind.")
    if sum(1 for article in (rule.variant_id, rule.product_id, rule.category) if article) > 1:
        return "invalid", gettext_noop("sku: At most one of SKU, product and category.")
    if rule.starts_at and rule.ends_at and rule.ends_at <= rule.starts_at:
        return "invalid", gettext_noop("ends_at: A rule ends after it has started.")
    return None if is_within(rule, access) else _outside(access)


def is_within(rule: ProtectionRule, access: Access) -> bool:
    """Whether whoever has this access rules over it: nobody bound to some may rule over all."""
    return access.sees_stock_point(rule.stock_point_id) and access.sees_channel(rule.channel_id)


def _outside(access: Access) -> tuple[str, str]:
    if access.stock_points is not None:
        return "unknown_stock_point", gettext_noop("This key rules over its own stock points only.")
    return "unknown_channel", gettext_noop("This key rules over its own channels only.")


def _apply_soon(rules: Upsert[ProtectionRule], before: Mapping[str, ProtectionRule]) -> None:
    """Write the rules and queue the levels they covered so far and those they cover now."""
    now = clock.now()
    touched = sorted(rules.new | rules.changed)
    scopes: list[ProtectionRule] = []
    for code in touched:
        rule, old = rules.objects[code], before.get(code)
        rule.is_applied = _is_in_force(rule, now)
        scopes += [one for one in (old, rule) if one is not None and one.is_applied]
    rules.write()
    rules.count()
    queue_protection(scopes)
    record_audits(
        "protection_rule.saved", [(f"protection_rule:{code}", _summary(rules.objects[code])) for code in touched]
    )


def _is_in_force(rule: ProtectionRule, at: datetime) -> bool:
    return (rule.starts_at is None or rule.starts_at <= at) and (rule.ends_at is None or rule.ends_at > at)


def _summary(rule: ProtectionRule) -> dict[str, Any]:
    return {
        "quantity": rule.quantity,
        "percent": None if rule.percent is None else str(rule.percent),
        "starts_at": rule.starts_at and rule.starts_at.isoformat(),
        "ends_at": rule.ends_at and rule.ends_at.isoformat(),
    }
