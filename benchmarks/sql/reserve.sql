-- What a careful hand would write to reserve a basket: lock in one order, judge, take, note. One statement,
-- one round trip, committed by itself; psycopg prepares it on the server.
WITH asked AS (
    SELECT * FROM unnest(%(variants)s::bigint[], %(points)s::bigint[], %(quantities)s::integer[])
             AS a(variant_id, stock_point_id, quantity)
), locked AS MATERIALIZED (
    SELECT s.id, s.variant_id, s.stock_point_id, a.quantity,
           s.on_hand - s.reserved - s.unavailable
           - coalesce(greatest(p.units, ceil(p.percent * greatest(s.on_hand, 0) / 100)::integer), s.protected) AS free
    FROM asked a JOIN stock_stocklevel s USING (variant_id, stock_point_id)
    LEFT JOIN stock_levelprotection p ON p.level_id = s.id AND p.channel_id = %(channel)s
    ORDER BY s.id FOR NO KEY UPDATE OF s
), enough AS MATERIALIZED (
    SELECT FROM locked HAVING count(*) = %(lines)s AND bool_and(free >= quantity)
), taken AS (
    UPDATE stock_stocklevel s SET reserved = s.reserved + l.quantity FROM locked l, enough WHERE s.id = l.id
)
INSERT INTO stock_reservation (owner, channel_id, variant_id, stock_point_id, quantity, state, created_at)
SELECT %(owner)s, %(channel)s, variant_id, stock_point_id, quantity, 'confirmed', now() FROM locked, enough
RETURNING id
