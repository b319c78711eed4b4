"""What must always be true of stock."""

from collections.abc import Iterable, Iterator
from typing import Final

from oms.core import clock
from oms.core.invariants import invariant, rows_of
from stock.models import AvailabilitySummary, PendingProtection, SalesChannel, StockLevel, Variant
from stock.queries.availability import live_sums
from stock.queries.expected import NAMES_RECEIPT
from stock.queries.protection import levels_in, protection_mismatches
from stock.queries.summaries import held_summaries
from stock.queries.unavailable_sql import WALKED

LEVELS_AT_ONCE: Final = 50_000
VARIANTS_AT_ONCE: Final = 1_000
# A sweeper gives held units back; longer than this after their end, none runs.
SWEPT_WITHIN: Final = "10 minutes"

_NAME: Final = "coalesce(v.sku, '?') || ' at ' || coalesce(sp.code, '?')"

_RESERVED: Final = f"""
SELECT {_NAME}, s.reserved, coalesce(r.quantity, 0)
FROM stock_stocklevel s
FULL JOIN (
    SELECT variant_id, stock_point_id, sum(quantity) AS quantity FROM stock_reservation
    WHERE state IN ('held', 'confirmed') AND expected_receipt_id IS NULL GROUP BY variant_id, stock_point_id
) r USING (variant_id, stock_point_id)
LEFT JOIN stock_variant v ON v.id = variant_id LEFT JOIN stock_stockpoint sp ON sp.id = stock_point_id
WHERE coalesce(s.reserved, 0) <> coalesce(r.quantity, 0) ORDER BY 1
"""  # noqa: S608 (our own fragments)
_ON_HAND: Final = f"""
SELECT {_NAME}, s.on_hand, coalesce(m.quantity, 0)
FROM stock_stocklevel s
FULL JOIN (
    SELECT variant_id, stock_point_id, sum(quantity) AS quantity FROM stock_ledger
    GROUP BY variant_id, stock_point_id
) m USING (variant_id, stock_point_id)
LEFT JOIN stock_variant v ON v.id = variant_id LEFT JOIN stock_stockpoint sp ON sp.id = stock_point_id
WHERE coalesce(s.on_hand, 0) <> coalesce(m.quantity, 0) ORDER BY 1
"""  # noqa: S608
_UNAVAILABLE: Final = f"""
SELECT {_NAME}, s.unavailable, coalesce(w.units, 0)
FROM stock_stocklevel s
LEFT JOIN ({WALKED.format(where="")}) w ON w.level_id = s.id
LEFT JOIN stock_variant v ON v.id = variant_id LEFT JOIN stock_stockpoint sp ON sp.id = stock_point_id
WHERE s.unavailable <> coalesce(w.units, 0) ORDER BY 1
"""  # noqa: S608
_EXPECTED_RESERVED: Final = f"""
SELECT e.reference, {_NAME}, e.reserved, coalesce(r.quantity, 0)
FROM stock_expectedreceipt e
LEFT JOIN (
    SELECT expected_receipt_id AS id, sum(quantity) AS quantity FROM stock_reservation
    WHERE state IN ('held', 'confirmed') AND expected_receipt_id IS NOT NULL GROUP BY expected_receipt_id
) r USING (id)
LEFT JOIN stock_variant v ON v.id = e.variant_id LEFT JOIN stock_stockpoint sp ON sp.id = e.stock_point_id
WHERE e.reserved <> coalesce(r.quantity, 0) ORDER BY e.id
"""  # noqa: S608
_EXPECTED_RECEIVED: Final = f"""
SELECT e.reference, {_NAME}, e.received, m.moved FROM stock_expectedreceipt e
CROSS JOIN LATERAL (
    SELECT coalesce(sum(w.quantity), 0) AS moved FROM stock_ledger w
    WHERE w.variant_id = e.variant_id AND w.stock_point_id = e.stock_point_id
      AND w.kind IN ('receipt', 'transfer_in') AND w.quantity > 0 AND {NAMES_RECEIPT}
) m
LEFT JOIN stock_variant v ON v.id = e.variant_id LEFT JOIN stock_stockpoint sp ON sp.id = e.stock_point_id
WHERE e.received <> m.moved ORDER BY e.id
"""  # noqa: S608
_TAKEN: Final = """
SELECT c.code, v.sku, k.taken, coalesce(r.quantity, 0)
FROM stock_allotmentcounter k
JOIN stock_channelallotment a ON a.id = k.allotment_id
JOIN stock_saleschannel c ON c.id = a.channel_id JOIN stock_variant v ON v.id = k.variant_id
LEFT JOIN (
    SELECT allotment_counter_id AS id, sum(quantity) AS quantity FROM stock_reservation
    WHERE allotment_counter_id IS NOT NULL AND state IN ('held', 'confirmed', 'consumed') GROUP BY 1
) r ON r.id = k.id
WHERE k.taken <> coalesce(r.quantity, 0) ORDER BY k.id
"""
_OVERDUE: Final = f"""
SELECT id, owner, expires_at FROM stock_reservation
WHERE state = 'held' AND expires_at < %s::timestamptz - interval '{SWEPT_WITHIN}' ORDER BY id
"""  # noqa: S608
_ALONE: Final = f"""
SELECT 'reservation ' || r.id, {_NAME} FROM stock_reservation r
LEFT JOIN stock_stocklevel s USING (variant_id, stock_point_id)
LEFT JOIN stock_variant v ON v.id = r.variant_id LEFT JOIN stock_stockpoint sp ON sp.id = r.stock_point_id
WHERE s.id IS NULL
UNION ALL
SELECT 'movement ' || m.id, {_NAME} FROM stock_ledger m
LEFT JOIN stock_stocklevel s USING (variant_id, stock_point_id)
LEFT JOIN stock_variant v ON v.id = m.variant_id LEFT JOIN stock_stockpoint sp ON sp.id = m.stock_point_id
WHERE s.id IS NULL ORDER BY 1
"""  # noqa: S608
# Of a transfer's units, each is in one place: reserved at the giver, on its way, or at the receiver.
_TRANSFERS: Final = """
SELECT t.reference, t.state, held.units, gone.units, come.units, coalesce(e.quantity, 0), t.quantity,
       t.shipped_quantity, t.received_quantity
FROM stock_transfer t
CROSS JOIN LATERAL (
    SELECT coalesce(sum(r.quantity), 0)::integer AS units FROM stock_reservation r
    WHERE r.owner = 'transfer:' || t.reference AND r.state IN ('held', 'confirmed')
) held
CROSS JOIN LATERAL (
    SELECT coalesce(-sum(w.quantity), 0)::integer AS units FROM stock_ledger w
    WHERE w.variant_id = t.variant_id AND w.stock_point_id = t.giver_id
      AND w.kind = 'transfer_out' AND w.reference = t.reference
) gone
CROSS JOIN LATERAL (
    SELECT coalesce(sum(w.quantity), 0)::integer AS units FROM stock_ledger w
    WHERE w.variant_id = t.variant_id AND w.stock_point_id = t.receiver_id
      AND w.kind = 'transfer_in' AND split_part(w.reference, '#', 1) = t.reference
) come
LEFT JOIN stock_expectedreceipt e
  ON e.reference = t.reference AND e.variant_id = t.variant_id AND e.stock_point_id = t.receiver_id
WHERE held.units <> CASE t.state WHEN 'accepted' THEN t.quantity ELSE 0 END
   OR gone.units <> t.shipped_quantity OR come.units <> t.received_quantity
   OR coalesce(e.quantity, 0) <> CASE t.state WHEN 'accepted' THEN t.quantity WHEN 'shipped' THEN t.shipped_quantity
                                              WHEN 'received' THEN t.received_quantity ELSE 0 END
ORDER BY t.id
"""
_UNHEARD: Final = """
SELECT v.sku FROM stock_variant v
WHERE EXISTS (SELECT 1 FROM stock_stocklevel s WHERE s.variant_id = v.id)
  AND NOT EXISTS (SELECT 1 FROM stock_availabilitychange c WHERE c.variant_id = v.id)
ORDER BY v.sku
"""


@invariant("stock_reserved_is_sum_of_live_reservations")
def reserved_is_sum_of_live_reservations() -> Iterable[str]:
    for level, reserved, live in rows_of(_RESERVED):
        yield f"{level}: {reserved} reserved, live reservations hold {live}"


@invariant("stock_on_hand_is_sum_of_movements")
def on_hand_is_sum_of_movements() -> Iterable[str]:
    for level, on_hand, moved in rows_of(_ON_HAND):
        yield f"{level}: {on_hand} on hand, its movements add up to {moved}"


@invariant("stock_unavailable_is_what_was_set_aside")
def unavailable_is_what_was_set_aside() -> Iterable[str]:
    for level, unavailable, walked in rows_of(_UNAVAILABLE):
        yield f"{level}: {unavailable} unavailable, what was set aside and given back comes to {walked}"


@invariant("stock_expected_reserved_is_sum_of_live_reservations")
def expected_reserved_is_sum_of_live_reservations() -> Iterable[str]:
    for reference, level, reserved, live in rows_of(_EXPECTED_RESERVED):
        yield f"expected receipt {reference} of {level}: {reserved} reserved, live reservations hold {live}"


@invariant("stock_expected_received_is_sum_of_movements")
def expected_received_is_sum_of_movements() -> Iterable[str]:
    for reference, level, received, moved in rows_of(_EXPECTED_RECEIVED):
        yield f"expected receipt {reference} of {level}: {received} received, its movements brought {moved}"


@invariant("stock_allotment_taken_is_sum_of_its_reservations")
def allotment_taken_is_sum_of_its_reservations() -> Iterable[str]:
    for channel, sku, taken, counted in rows_of(_TAKEN):
        yield f"{channel} has taken {taken} of {sku} by its allotment, its reservations hold and held {counted}"


@invariant("stock_no_hold_outlives_its_end")
def no_hold_outlives_its_end() -> Iterable[str]:
    for reservation, owner, expires_at in rows_of(_OVERDUE, clock.now()):
        yield f"reservation {reservation} of {owner} is still held, its time was over {expires_at.isoformat()}"


@invariant("stock_reservations_and_movements_have_a_level")
def reservations_and_movements_have_a_level() -> Iterable[str]:
    for row, level in rows_of(_ALONE):
        yield f"{row}: there is no level of {level}"


@invariant("stock_transfers_have_each_unit_in_one_place")
def transfers_have_each_unit_in_one_place() -> Iterable[str]:
    for reference, state, held, gone, come, expected, *told in rows_of(_TRANSFERS):
        yield (
            f"transfer {reference} is {state} with {told} units accepted, sent and received: {held} are reserved, "
            f"{gone} have left, {come} have come, {expected} are announced"
        )


@invariant("stock_levels_are_in_the_feed_of_changes")
def levels_are_in_the_feed_of_changes() -> Iterable[str]:
    for (sku,) in rows_of(_UNHEARD):
        yield f"{sku} has levels, and no follower ever hears of it"


@invariant("stock_summaries_that_hold_say_what_the_levels_say")
def summaries_that_hold_say_what_the_levels_say() -> Iterable[str]:
    for channel in SalesChannel.objects.order_by("pk"):
        for variant_ids in _in_batches(_summarised(channel), size=VARIANTS_AT_ONCE):
            held = held_summaries(channel_id=channel.pk, variant_ids=variant_ids)
            live = live_sums(channel_id=channel.pk, variant_ids=held)
            wrong = {variant: units for variant, units in held.items() if units != live[variant]}
            skus = dict(Variant.objects.filter(pk__in=wrong).values_list("pk", "sku"))
            for variant, units in sorted(wrong.items()):
                yield f"{channel.code} is told of {units} of {skus[variant]}, its levels say {live[variant]}"


def _summarised(channel: SalesChannel) -> Iterable[int]:
    summaries = AvailabilitySummary.objects.filter(channel=channel).order_by("variant_id")
    return summaries.values_list("variant_id", flat=True)


@invariant("stock_levels_carry_the_protection_of_their_rules")
def levels_carry_the_protection_of_their_rules() -> Iterable[str]:
    """As of the rules the levels were told of; those of which a part is still to be told are left out."""
    waiting = [levels_in(pending).values("pk") for pending in PendingProtection.objects.filter(walked_at=None)]
    levels = StockLevel.objects.order_by("pk")
    for pks in waiting:
        levels = levels.exclude(pk__in=pks)
    for level_ids in _in_batches(levels.values_list("pk", flat=True)):
        for level, channel, units, percent, *expected in protection_mismatches(level_ids=level_ids):
            for_channel = "" if channel is None else f" for channel {channel}"
            yield f"level {level}{for_channel}: {units} units and {percent} %, its rules say {expected}"


def _in_batches(ids: Iterable[int], *, size: int = LEVELS_AT_ONCE) -> Iterator[list[int]]:
    batch: list[int] = []
    for pk in ids:
        batch.append(pk)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
