"""Working out what is protected at each level, and keeping it so as rules come, change, start and end."""

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic, sleep
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max, Q

from oms.core import clock
from oms.core.retrying import retry_on_conflict
from stock.models import PendingProtection, ProtectionRule, StockLevel
from stock.models.protection import Scope
from stock.queries.protection import LEVELS, LISTED, scoped, winners

LEVELS_PER_STEP: Final = 10_000
PATIENCE_S: Final = 0.5
"""How long a walk waits for the transactions that began before it: once they have ended, one walk is enough."""

# Only what differs is locked and written, in the order of the ids. `{within}` is said of both sides, so that what
# lies close together is read as a range of both.
_APPLY_GENERAL: Final = """
WITH {winners}, differing AS MATERIALIZED (
    SELECT s.id, g.units, g.percent FROM stock_stocklevel s JOIN general g ON g.level_id = s.id
    WHERE (s.protection_units, s.protection_percent) IS DISTINCT FROM (g.units, g.percent) AND {within}
    ORDER BY s.id FOR NO KEY UPDATE OF s
)
UPDATE stock_stocklevel s SET protection_units = d.units, protection_percent = d.percent
FROM differing d WHERE s.id = d.id AND {within}
"""
_APPLY_PARTICULAR: Final = """
WITH {winners}, gone AS (
    DELETE FROM stock_levelprotection p
    WHERE p.level_id IN (SELECT level_id FROM target) AND NOT EXISTS (
        SELECT 1 FROM particular n WHERE n.level_id = p.level_id AND n.channel_id = p.channel_id)
)
INSERT INTO stock_levelprotection (level_id, channel_id, units, percent)
SELECT n.level_id, n.channel_id, n.units, n.percent FROM particular n
LEFT JOIN stock_levelprotection p ON p.level_id = n.level_id AND p.channel_id = n.channel_id
WHERE (p.units, p.percent) IS DISTINCT FROM (n.units, n.percent)
ORDER BY n.level_id, n.channel_id
ON CONFLICT (level_id, channel_id) DO UPDATE SET units = excluded.units, percent = excluded.percent
"""
_PARTICULAR_MATTERS: Final = """
SELECT EXISTS (SELECT 1 FROM stock_protectionrule WHERE channel_id IS NOT NULL)
    OR EXISTS (SELECT 1 FROM stock_levelprotection)
"""
_OLDER_TRANSACTIONS_ENDED: Final = "SELECT pg_snapshot_xmin(pg_current_snapshot()) > %s::text::xid8"
_PRESENT_TRANSACTION: Final = "SELECT pg_current_xact_id()::text"


@transaction.atomic
def apply_protection(*, level_ids: Sequence[int] | None = None, variant_ids: Sequence[int] | None = None) -> None:
    """Give the levels, or all levels of the variants, what the applied rules give them.

    For levels just created: call it once for all of them, in their transaction.
    """
    if level_ids is None:
        level_ids = list(StockLevel.objects.filter(variant_id__in=variant_ids or []).values_list("pk", flat=True))
    if not level_ids:
        return
    _apply(LISTED, "true", {"level_ids": list(level_ids)})


def _apply(levels: str, within: str, parameters: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_APPLY_GENERAL.format(winners=winners(levels), within=within), parameters)
        cursor.execute(_PARTICULAR_MATTERS)
        (matters,) = cursor.fetchone()
        if matters:
            cursor.execute(_APPLY_PARTICULAR.format(winners=winners(levels)), parameters)


def queue_protection(scopes: Iterable[Scope]) -> None:
    """Have the levels of these scopes worked out again, soon after the present transaction is committed.

    A rule that keeps its scope is told before and after its change: its levels are walked through once.
    """
    names = ("variant_id", "product_id", "category", "stock_point_id", "group_id", "kind")
    different = dict.fromkeys(tuple(getattr(scope, name) for name in names) for scope in scopes)
    PendingProtection.objects.bulk_create(
        PendingProtection(**dict(zip(names, values, strict=True))) for values in different
    )


def protection_depends_on_places() -> bool:
    """Whether a stock point's kind or groups matter to any rule."""
    return ProtectionRule.objects.filter(~Q(kind="") | Q(group__isnull=False)).exists()


def protection_depends_on_articles() -> bool:
    """Whether an article's product or category matters to any rule."""
    return ProtectionRule.objects.filter(~Q(category="") | Q(product__isnull=False)).exists()


@transaction.atomic
def start_and_end_rules() -> int:
    """Queue the levels of the rules that start or end by now; how many rules."""
    now = clock.now()
    is_in_force = Q(pk__in=ProtectionRule.objects.in_force(at=now).values("pk"))
    due = ProtectionRule.objects.filter((is_in_force & Q(is_applied=False)) | (~is_in_force & Q(is_applied=True)))
    rules = list(due.order_by("pk").select_for_update(no_key=True))
    for rule in rules:
        rule.is_applied = not rule.is_applied
    ProtectionRule.objects.bulk_update(rules, ["is_applied"])
    queue_protection(rules)
    return len(rules)


def apply_pending_protection(*, max_levels: int = 1_000_000, patience_s: float = 0) -> int:
    """Start and end the rules that are due, then walk through what is queued, in steps that each commit.

    How many levels were looked at. `patience_s`: how long to wait, before that, for transactions that are running.
    """
    start_and_end_rules()
    settled = _queued_before_all_that_runs(patience_s)
    seen = 0
    while seen < max_levels:
        step = _walk_one_step(settled)
        if step is None:
            break
        seen += step
    return seen


def _queued_before_all_that_runs(patience_s: float) -> int:
    """The last queued scope that every running transaction knows of; 0 where that cannot be said.

    No level is created any more by somebody who has not seen its rules: it need not be walked through twice.
    """
    last: int = PendingProtection.objects.filter(walked_at=None, next_level_id=0).aggregate(last=Max("pk"))["last"] or 0
    if not last or connection.in_atomic_block:
        return 0
    begun, until = _present_transaction(), monotonic() + patience_s
    while not _has_outlived(begun):
        if monotonic() >= until:
            return 0
        sleep(0.01)
    return last


@retry_on_conflict
@transaction.atomic
def _walk_one_step(settled: int) -> int | None:
    """One step of the first scope that is ready and that nobody else walks; None when there is none."""
    pending = _next_pending()
    if pending is None:
        return None
    if pending.next_level_id == 0 and pending.walked_at is None:
        pending.is_only_walk = pending.pk <= settled
    levels, last = _apply_to_next(pending)
    if levels == LEVELS_PER_STEP:
        pending.next_level_id = last + 1
        pending.save(update_fields=["next_level_id", "is_only_walk"])
    elif pending.walked_at is None and not pending.is_only_walk:
        pending.next_level_id, pending.walked_at = 0, _present_transaction()
        pending.save(update_fields=["next_level_id", "walked_at", "is_only_walk"])
    else:
        pending.delete()
    return levels


def _apply_to_next(pending: PendingProtection) -> tuple[int, int]:
    """How many levels of the scope were dealt with, and the last of them."""
    covered, parameters = scoped(pending)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*), coalesce(max(id), 0) FROM (
                SELECT s.id FROM {LEVELS} WHERE {covered} AND s.id >= %(first)s ORDER BY s.id LIMIT %(levels)s
            ) ahead""",  # noqa: S608 (our own fragments)
            {**parameters, "first": pending.next_level_id, "levels": LEVELS_PER_STEP},
        )
        levels, last = cursor.fetchone()
    if levels:
        within = "s.id BETWEEN %(first)s AND %(last)s"
        _apply(
            f"{LEVELS} WHERE {covered} AND {within}",
            within,
            {**parameters, "first": pending.next_level_id, "last": last},
        )
    return levels, last


def _next_pending() -> PendingProtection | None:
    """The first walks first; a second one only when every transaction of the first one's time has ended."""
    free = PendingProtection.objects.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    first = free.filter(walked_at=None).first()
    if first is not None:
        return first
    second = free.filter(walked_at__isnull=False).first()
    return second if second is not None and _has_outlived(second.walked_at) else None


def _has_outlived(xid: int | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_OLDER_TRANSACTIONS_ENDED, [str(xid)])
        (ended,) = cursor.fetchone()
    return bool(ended)


def _present_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT_TRANSACTION)
        (xid,) = cursor.fetchone()
    return int(xid)
