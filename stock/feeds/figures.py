"""What a level should hold, by a file: its figure, plus what we did since, plus what it has deducted.

New on hand = the file's quantity
  + our own movements after `as_of` (whatever a feed wrote, and what it had absorbed, is not ours)
  + for a source whose figures are net of reservations: those that were live at `as_of`.
New unavailable, where the file tells it = its figure + what we found unsellable or sellable since.
"""

from typing import Any, Final

from stock.feeds.tables import fetch_one
from stock.models import ImportBasis, StockImport

# The very predicate of the partial index on `occurred_at`.
_IS_OWN: Final = "NOT (m.kind IN ('feed', 'absorbed'))"

_IS_MARKED: Final = "u.recorded_at > %(as_of)s AND u.reference NOT LIKE 'import:%%'"

_OWN: Final = f"""own AS (
    SELECT m.variant_id, m.stock_point_id, sum(m.quantity)::integer AS quantity FROM {{movements}} m
    WHERE m.occurred_at > %(as_of)s AND {_IS_OWN}
    GROUP BY m.variant_id, m.stock_point_id)"""  # noqa: S608 (our own fragments)

_HELD: Final = """held AS (
    SELECT r.variant_id, r.stock_point_id, sum(r.quantity)::integer AS quantity FROM (
        SELECT variant_id, stock_point_id, quantity, created_at FROM stock_reservation
        WHERE state IN ('held', 'confirmed') AND expected_receipt_id IS NULL
        UNION ALL
        SELECT variant_id, stock_point_id, quantity, created_at FROM stock_reservation
        WHERE ended_at > %(as_of)s AND NOT (state IN ('held', 'confirmed')) AND expected_receipt_id IS NULL
    ) r WHERE r.created_at <= %(as_of)s
    GROUP BY r.variant_id, r.stock_point_id)"""

_MARKED: Final = f"""marked AS (
    SELECT u.level_id, sum(u.quantity)::integer AS quantity FROM stock_unavailability u
    WHERE {_IS_MARKED} GROUP BY u.level_id)"""  # noqa: S608

_THERE_IS: Final = (
    f"EXISTS (SELECT FROM stock_stockmovement m WHERE m.occurred_at > %(as_of)s AND {_IS_OWN})",
    f"EXISTS (SELECT FROM stock_archivedmovement m WHERE m.occurred_at > %(as_of)s AND {_IS_OWN})",
    f"EXISTS (SELECT FROM stock_unavailability u WHERE {_IS_MARKED})",
)
_CTES: Final = {"own": _OWN, "held": _HELD, "marked": _MARKED}
_OF_ON_HAND: Final = ("own", "held")


class Figures:
    """The fragments of SQL that say it, for one import.

    What there is none of is left out, because joining a million rows with nothing still costs a tenth.
    It is looked for now: a later statement asks for `nothing_else`, and writes nothing at all where there is more.
    """

    def __init__(self, stock_import: StockImport) -> None:
        self.parameters: dict[str, Any] = {"as_of": stock_import.as_of}
        has_own, has_archived, has_marked = found = fetch_one(f"SELECT {', '.join(_THERE_IS)}", self.parameters)
        absent = [f"NOT {it}" for it, is_there in zip(_THERE_IS, found, strict=True) if not is_there]
        # Asked once for the whole statement, of what it sees.
        self.nothing_else = f"(SELECT {' AND '.join(absent)})" if absent else "true"
        # A file so old that some of what moved since is in the archive reads the whole ledger.
        self._movements = "stock_ledger" if has_archived else "stock_stockmovement"
        parts = {
            "own": has_own or has_archived,
            "held": stock_import.basis == ImportBasis.NET_OF_RESERVATIONS,
            "marked": has_marked,
        }
        self._parts = [name for name, is_there in parts.items() if is_there]

    def with_ctes(self, *first: str) -> str:
        """The statement's WITH clause; `first` come before what is needed here."""
        ctes = [*first, *(_CTES[name].replace("{movements}", self._movements) for name in self._parts)]
        return f"WITH {', '.join(ctes)}" if ctes else ""

    def joins(self, variant: str, stock_point: str) -> str:
        """What has to be joined to levels `s`, which may be missing, and these ids."""
        conditions = {
            name: f"{name}.variant_id = {variant} AND {name}.stock_point_id = {stock_point}" for name in _OF_ON_HAND
        }
        conditions["marked"] = "marked.level_id = s.id"
        return " ".join(f"LEFT JOIN {name} ON {conditions[name]}" for name in self._parts)

    def on_hand(self, quantity: str) -> str:
        added = [f"coalesce({name}.quantity, 0)" for name in self._parts if name in _OF_ON_HAND]
        return " + ".join([quantity, *added])

    def unavailable(self, told: str) -> str:
        """Missing where the file tells nothing."""
        if "marked" not in self._parts:
            return told
        return f"CASE WHEN {told} IS NOT NULL THEN greatest(0, {told} + coalesce(marked.quantity, 0)) END"
