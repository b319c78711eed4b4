-- A million levels, each with its first movement: what both imports of the benchmark start from.
INSERT INTO stock_stocksource (name, basis, last_as_of, delimiter, encoding, decimal_sign, columns, created_at)
VALUES ('erp', 'physical', now() - interval '1 day', ',', 'utf-8', '', '{}', now());
INSERT INTO stock_product (code, name, brand, category) VALUES ('P', 'A product', '', '');
INSERT INTO stock_variant
    (sku, product_id, size, colour, price, currency, weight_g, length_mm, width_mm, height_mm, is_active)
SELECT 'SKU-' || lpad(n::text, 8, '0'), (SELECT id FROM stock_product), 'M', 'blue', 49.90, 'EUR', 300, 0, 0, 0, true
FROM generate_series(1, :variants) n;
INSERT INTO stock_stockpoint (code, name, kind, tags, line1, postcode, city, country, timezone, is_active,
    ships_orders, offers_pickup, offers_reservation, takes_orders, accepts_returns, priority, handling_cost, currency,
    preparation_minutes, expected_decline_percent, opening_hours, closed_on)
SELECT 'store-' || lpad(n::text, 4, '0'), 'Store ' || n, 'store', '{}', '1 rue de Rivoli', '75001', 'Paris', 'FR',
    'Europe/Paris', true, true, true, true, true, true, 100, 0, 'EUR', 0, 0, '{}', '{}'
FROM generate_series(1, :points) n;
INSERT INTO stock_stocklevel (variant_id, stock_point_id, on_hand, as_of, source_id)
SELECT v.id, p.id, 50, now() - interval '1 day', s.id
FROM stock_variant v, stock_stockpoint p, stock_stocksource s ORDER BY v.id, p.id;
INSERT INTO stock_stockmovement
    (variant_id, stock_point_id, kind, reference, quantity, occurred_at, recorded_at, recorded_by)
SELECT variant_id, stock_point_id, 'feed', 'import:first', on_hand, as_of, as_of, 'psql' FROM stock_stocklevel ORDER BY id;
VACUUM ANALYZE;
CHECKPOINT;
