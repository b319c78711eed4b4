"""How fast the articles asked for sell where they lie, for the decisions that weigh it."""

from collections.abc import Collection, Mapping

from oms.core.prepared import prepared_cursor

_PACES = """
SELECT p.variant_id, json_object_agg(sp.code, p.sold)
FROM orchestration_sellingpace p JOIN stock_stockpoint sp ON sp.id = p.stock_point_id
WHERE p.variant_id = ANY(%(variant_ids)s::bigint[]) GROUP BY p.variant_id
"""


def recent_sales_of(variant_ids: Collection[int]) -> dict[int, Mapping[str, int]]:
    """Units sold lately by variant and code of the stock point; a variant that sold nowhere is absent."""
    with prepared_cursor() as cursor:
        cursor.execute(_PACES, {"variant_ids": sorted(variant_ids)})
        return dict(cursor.fetchall())
