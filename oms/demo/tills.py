"""What the stores' own tills sold: orders are but a part of what leaves a shelf, and what sells is bought anew."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from oms.core import clock
from oms.demo.catalogue import Article
from oms.demo.places import Site

WEEKS: Final = 4
ONE_IN: Final = 250
"""Of so many articles one sells well."""
SHARE_OF_STORES: Final = 0.6
MOST_A_WEEK: Final = (1, 2, 4)
"""By article, in turn: units a store sells in a good week."""


def sold_at_tills(catalogue: Sequence[Article], stores: Sequence[Site], *, seed: int) -> Iterator[dict[str, Any]]:
    """What sold well in the last four weeks, with the deliveries it was sold from: shelves are left as they were."""
    draw = random.Random(f"tills-{seed}")  # noqa: S311 (a reproducible demonstration, not a secret)
    now = clock.now()
    for number, article in enumerate(draw.sample(catalogue, max(2, len(catalogue) // ONE_IN))):
        most = MOST_A_WEEK[number % len(MOST_A_WEEK)]
        for site in stores:
            if draw.random() >= SHARE_OF_STORES:
                continue
            weeks = [draw.randint(0, most) for _ in range(WEEKS)]
            if any(weeks):
                yield _moved(article, site, sum(weeks), "receipt", "delivery", now - timedelta(weeks=WEEKS, days=1))
            for week, units in enumerate(weeks, start=1):
                if units:
                    at = now - timedelta(weeks=WEEKS - week, hours=12)
                    yield _moved(article, site, -units, "sale", f"till week {week}", at)


def _moved(article: Article, site: Site, units: int, kind: str, reference: str, at: datetime) -> dict[str, Any]:
    return {
        "sku": article.sku,
        "stock_point": site.code,
        "quantity": units,
        "kind": kind,
        "reference": reference,
        "occurred_at": at,
    }
