-- A stock file by hand: COPY, merge, ledger, in one transaction. No check of the rows, no report of
-- bad ones, no older file refused, no movement since the file's moment counted, no progress, nothing
-- to resume, all levels locked until the end. What the import of the product is measured against.
\set ON_ERROR_STOP on
BEGIN;
CREATE TEMP TABLE incoming (sku text NOT NULL, stock_point text NOT NULL, quantity integer NOT NULL) ON COMMIT DROP;
\copy incoming FROM PSTDIN WITH (FORMAT csv, HEADER)
ANALYZE incoming;

CREATE TEMP TABLE difference ON COMMIT DROP AS
SELECT l.id, v.id AS variant_id, p.id AS stock_point_id, i.quantity, i.quantity - coalesce(l.on_hand, 0) AS change
FROM incoming i
JOIN stock_variant v ON v.sku = i.sku
JOIN stock_stockpoint p ON p.code = i.stock_point
LEFT JOIN stock_stocklevel l ON l.variant_id = v.id AND l.stock_point_id = p.id
WHERE l.on_hand IS DISTINCT FROM i.quantity;

MERGE INTO stock_stocklevel l
USING (SELECT * FROM difference ORDER BY id) d ON l.id = d.id
WHEN MATCHED THEN UPDATE SET on_hand = d.quantity, as_of = :'as_of'
WHEN NOT MATCHED THEN INSERT (variant_id, stock_point_id, on_hand, as_of, source_id)
    VALUES (d.variant_id, d.stock_point_id, d.quantity, :'as_of', (SELECT id FROM stock_stocksource));

INSERT INTO stock_stockmovement
    (variant_id, stock_point_id, kind, reference, quantity, occurred_at, recorded_at, recorded_by)
SELECT variant_id, stock_point_id, 'feed', 'import:0', change, :'as_of', now(), 'psql'
FROM difference ORDER BY id;
COMMIT;
