"""What a level should hold, by a file: its figure, plus what we did since, plus what it has deducted.

New on hand = the file's quantity
  + our own movements after `as_of` (whatever a feed wrote, and what it had absorbed, is not ours)
  + for a source whose figures are net of reservations: those that were live at `as_of`.
New unavailable, where the file tells it = its figure + what we found unsellable or sellable since.
"""

from typing import Any, Final

from stock.models import ImportBasis, StockImport

# The very predicate of the partial index on `occurred_at`.
_IS_OWN: Final = "NOT (m.kind IN ('feed', 'absorbed'))"

_OWN: Final = """own AS (
    SELECT m.variant_id, m.stock_point_id, sum(m.quantity)::integer AS quantity FROM stock_stockmovement m
    WHERE m.occurred_at > %(as_of)s AND {is_own}
    GROUP BY m.variant_id, m.stock_point_id)"""

_HELD: Final = """held AS (
    SELECT r.variant_id, r.stock_point_id, sum(r.quantity)::integer AS quantity FROM (
        SELECT variant_id, stock_point_id, quantity, created_at FROM stock_reservation
        WHERE state IN ('held', 'confirmed')
        UNION ALL
        SELECT variant_id, stock_point_id, quantity, created_at FROM stock_reservation
        WHERE ended_at > %(as_of)s AND NOT (state IN ('held', 'confirmed'))
    ) r WHERE r.created_at <= %(as_of)s
    GROUP BY r.variant_id, r.stock_point_id)"""

_MARKED: Final = """marked AS (
    SELECT u.level_id, sum(u.quantity)::integer AS quantity FROM stock_unavailability u
    WHERE u.recorded_at > %(as_of)s AND u.reference NOT LIKE 'import:%%'
    GROUP BY u.level_id)"""


class Figures:
    """The fragments of SQL that say it, for one import."""

    def __init__(self, stock_import: StockImport) -> None:
        is_net = stock_import.basis == ImportBasis.NET_OF_RESERVATIONS
        own = _OWN.format(is_own=_IS_OWN)
        self.ctes = ", ".join([own, _MARKED, *([_HELD] if is_net else [])])
        self._joined = ("own", "held") if is_net else ("own",)
        self.parameters: dict[str, Any] = {"as_of": stock_import.as_of}

    def joins(self, variant: str, stock_point: str) -> str:
        """What has to be joined to levels `s`, which may be missing, and these ids."""
        joins = [
            f"LEFT JOIN {name} ON {name}.variant_id = {variant} AND {name}.stock_point_id = {stock_point}"
            for name in self._joined
        ]
        return " ".join([*joins, "LEFT JOIN marked ON marked.level_id = s.id"])

    def on_hand(self, quantity: str) -> str:
        return " + ".join([quantity, *(f"coalesce({name}.quantity, 0)" for name in self._joined)])

    @staticmethod
    def unavailable(told: str) -> str:
        """Missing where the file tells nothing."""
        return f"CASE WHEN {told} IS NOT NULL THEN greatest(0, {told} + coalesce(marked.quantity, 0)) END"
