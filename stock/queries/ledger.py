"""What the references of movements name."""

from collections.abc import Sequence

from oms.core.queries.references import named_references
from stock.models import LedgerMovement


def name_references_of(movements: Sequence[LedgerMovement]) -> list[LedgerMovement]:
    """The same rows, each with `named`; a fixed number of queries per kind of reference."""
    named = named_references(each.reference for each in movements)
    for each in movements:
        each.named = named[each.reference]  # type: ignore[attr-defined]
    return list(movements)
