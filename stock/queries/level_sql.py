"""The subtractions of a level, written once for every statement that reads or guards it.

The aliases are fixed: `s` is the stock level, `p` the row of LevelProtection for the channel asked
(left-joined: where it is missing the level's own protection holds), `sp` the stock point, `c` the channel.
"""

from typing import Final

JOIN_CHANNEL_PROTECTION: Final = (
    "LEFT JOIN stock_levelprotection p ON p.level_id = s.id AND p.channel_id = %(channel_id)s"
)
# Asked first whether there is such a row: there seldom is, and the arithmetic took longer than the rest of a read.
PROTECTED: Final = (
    "CASE WHEN p.level_id IS NULL THEN s.protected"
    " ELSE greatest(p.units, ceil(p.percent * greatest(s.on_hand, 0) / 100)::integer) END"
)
# Whether a stock point's units may be promised at the moment asked; the same rule as StockPoint.is_open.
POINT_IS_OPEN: Final = (
    "sp.is_active AND (sp.paused_until IS NULL OR sp.paused_until <= (%(at)s AT TIME ZONE sp.timezone)::date)"
)
POINT_FEEDS_CHANNEL: Final = (
    "(c.serves_all_stock_points OR EXISTS (SELECT 1 FROM stock_saleschannel_stock_points f"
    " WHERE f.saleschannel_id = c.id AND f.stockpoint_id = sp.id))"
)
