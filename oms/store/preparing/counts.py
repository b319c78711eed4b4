"""What was found so far on a round, kept with the person's session until it is told to the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.contrib.sessions.backends.base import SessionBase

from oms.store.queries.works import Work
from stock.models import Variant

_KEY: Final = "found"


class Counts:
    """Units by work and SKU. The most urgent order gets what is found first."""

    def __init__(self, session: SessionBase) -> None:
        self._session = session
        self._found: dict[str, dict[str, int]] = session.get(_KEY, {})

    def of(self, work: Work) -> dict[str, int]:
        """For every SKU still to be picked: how many were found, never more than asked."""
        counted = self._found.get(str(work.pk), {})
        return {sku: min(counted.get(sku, 0), left) for sku, left in _left(work).items()}

    def add_one(self, works: Sequence[Work], variant: Variant) -> None:
        for work in works:
            counted, left = self.of(work), _left(work)
            if counted.get(variant.sku, 0) < left.get(variant.sku, 0):
                self._put(work, counted | {variant.sku: counted[variant.sku] + 1})
                return

    def set_totals(self, works: Sequence[Work], found: Mapping[int, int]) -> None:
        """`{variant: units}` over all works, dealt out in their order."""
        rest = dict(found)
        for work in works:
            counted = {}
            for article in work.articles:
                left = article.quantity - article.picked
                if left:
                    taken = min(left, rest.get(article.variant.pk, 0))
                    rest[article.variant.pk] = rest.get(article.variant.pk, 0) - taken
                    counted[article.variant.sku] = taken
            self._put(work, counted)

    def forget(self, work: Work) -> None:
        self._found.pop(str(work.pk), None)
        self._session[_KEY] = self._found

    def _put(self, work: Work, counted: Mapping[str, int]) -> None:
        self._found[str(work.pk)] = dict(counted)
        self._session[_KEY] = self._found


def _left(work: Work) -> dict[str, int]:
    return {
        article.variant.sku: article.quantity - article.picked for article in work.articles if not article.is_picked
    }
