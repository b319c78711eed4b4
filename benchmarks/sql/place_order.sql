-- What a careful hand would write to place a confirmed order of three lines that somebody else has planned:
-- lock the levels in one order, judge, take, and note the order, its lines, slices and reservations, the
-- decision, the timeline and the event. One statement, one round trip, committed by itself.
WITH asked AS (
    SELECT * FROM unnest(%(variants)s::bigint[], %(points)s::bigint[], %(skus)s::text[])
             WITH ORDINALITY AS a(variant_id, stock_point_id, sku, position)
), locked AS MATERIALIZED (
    SELECT s.id, a.position, a.variant_id, a.stock_point_id,
           s.on_hand - s.reserved - s.unavailable
           - coalesce(greatest(p.units, ceil(p.percent * greatest(s.on_hand, 0) / 100)::integer), s.protected) AS free
    FROM asked a JOIN stock_stocklevel s USING (variant_id, stock_point_id)
    LEFT JOIN stock_levelprotection p ON p.level_id = s.id AND p.channel_id = %(channel)s
    ORDER BY s.id FOR NO KEY UPDATE OF s
), enough AS MATERIALIZED (
    SELECT FROM locked HAVING count(*) = 3 AND bool_and(free >= 1)
), taken AS (
    UPDATE stock_stocklevel s SET reserved = s.reserved + 1 FROM locked l, enough WHERE s.id = l.id
), reserved AS (
    INSERT INTO stock_reservation (owner, channel_id, variant_id, stock_point_id, quantity, state, created_at)
    SELECT 'order:' || %(number)s, %(channel)s, variant_id, stock_point_id, 1, 'confirmed', now() FROM locked, enough
    RETURNING id, variant_id, stock_point_id
), placed AS (
    INSERT INTO orders_order (number, channel_id, external_reference, content_hash, mode, state, customer_name,
        customer_email, customer_phone, customer_class, tags, shipping_address, relay_point, language, currency,
        subtotal, shipping, tax, total, consolidate, promise, promised_on, hops, needs_attention, placed_at, confirmed_at)
    SELECT %(number)s, %(channel)s, %(reference)s, %(hash)s, 'home', 'confirmed', 'Camille Martin',
        'camille@example.org', '', '', '{}', %(address)s::jsonb, '', 'en', 'EUR',
        30, 0, 5, 30, false, %(promise)s::jsonb,
        current_date, 0, '', now(), now() FROM enough
    RETURNING id
), lines AS (
    INSERT INTO orders_orderline (order_id, position, variant_id, sku, quantity, cancelled_quantity, unit_price,
        discount, tax_rate, tax, total, mode)
    SELECT placed.id, a.position, a.variant_id, a.sku, 1, 0, 10, 0, 0.2, 1.67, 10, 'home' FROM placed, asked a
    ORDER BY a.position
    RETURNING id, variant_id
), slices AS (
    INSERT INTO orders_allocation (line_id, stock_point_id, reservation_id, quantity, picked_quantity, state, reason,
        changed_at)
    SELECT l.id, r.stock_point_id, r.id, 1, 0, 'reserved', '', now() FROM lines l JOIN reserved r USING (variant_id)
), told AS (
    INSERT INTO orders_timelineentry (order_id, at, event, actor, data)
    SELECT id, now(), 'order.placed', 'system', '{"units": 3}' FROM placed
), decided AS (
    INSERT INTO orchestration_sourcingrun (reference, channel_id, trigger, rule_set_code, version, rule, started_at,
        duration_us, outcome, plan, candidates, facts, facts_hash, network_id, rules_id, engine_version)
    SELECT %(number)s, channel_id, trigger, rule_set_code, version, rule, now(), duration_us, outcome, %(plan)s::jsonb,
        %(candidates)s, %(facts)s, %(facts_hash)s, network_id, rules_id, engine_version
    FROM orchestration_sourcingrun, placed WHERE orchestration_sourcingrun.id = %(example)s
), emitted AS (
    INSERT INTO core_outboxevent (name, payload, created_at, fan_out)
    SELECT 'order.placed', jsonb_build_object('order_id', id), now(), 0 FROM placed
)
SELECT id FROM placed
