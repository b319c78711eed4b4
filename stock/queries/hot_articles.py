"""The articles declared hot: many want them at the same moment."""

import time
from dataclasses import dataclass

from django.conf import settings

from stock.models import Variant


@dataclass(slots=True)
class _Known:
    read_at: float = float("-inf")
    variant_ids: frozenset[int] = frozenset()


_known = _Known()


def hot_articles() -> frozenset[int]:
    """The ids of the variants declared hot, read again every few seconds (`HOT_ARTICLES_FRESH_S`).

    Whoever has not heard yet reserves one by one: slower, never wrong.
    """
    moment = time.monotonic()
    if moment - _known.read_at >= settings.HOT_ARTICLES_FRESH_S:
        _known.variant_ids = frozenset(Variant.objects.filter(is_hot=True).values_list("pk", flat=True))
        _known.read_at = moment
    return _known.variant_ids
