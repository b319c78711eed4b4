"""Articles declared hot: the next of those who wait answers while the last answer is on its way to the disk."""

import importlib

from django.db import migrations

before = importlib.import_module("stock.migrations.0021_articles_wanted_by_many_at_once")

# Locks are taken in the one order: the queue's, the allotment's counter, the level. A counter and a level are locked
# before what they say is read by a statement of its own: only that sees what others have just committed.
#
# What nobody waits for any more (its server process has ended, or it is too old) goes unanswered. Ids of long ago are
# not looked at: each is looked at by whoever waits for it, and dead rows are many while anything keeps them.
ANSWER = """
CREATE OR REPLACE FUNCTION stock_answer_requests(asked bigint, of_variant bigint, of_point bigint, of_channel bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    counter bigint;
    allotment record;
    left_to_channel bigint;
    level record;
    granted integer := 0;
    request record;
BEGIN
    IF EXISTS (SELECT FROM stock_saleschannel c WHERE c.id = of_channel AND c.has_allotments) THEN
        SELECT a.id, a.quantity INTO allotment
        FROM stock_variant v
        JOIN stock_product d ON d.id = v.product_id
        JOIN stock_channelallotment a ON a.channel_id = of_channel
         AND (a.variant_id = v.id OR a.variant_id IS NULL AND a.category = d.category)
        WHERE v.id = of_variant AND (a.starts_at IS NULL OR a.starts_at <= now())
          AND (a.ends_at IS NULL OR a.ends_at > now())
        ORDER BY a.variant_id IS NULL LIMIT 1;
        IF FOUND THEN
            INSERT INTO stock_allotmentcounter (allotment_id, variant_id) VALUES (allotment.id, of_variant)
            ON CONFLICT (allotment_id, variant_id) DO NOTHING;
            SELECT k.id, allotment.quantity - k.taken INTO counter, left_to_channel FROM stock_allotmentcounter k
            WHERE k.allotment_id = allotment.id AND k.variant_id = of_variant FOR NO KEY UPDATE;
            -- A share is reckoned over the whole network: whoever is refused here asks by himself.
            left_to_channel := coalesce(left_to_channel, 0);
        END IF;
    END IF;
    PERFORM FROM stock_stocklevel s
    WHERE s.variant_id = of_variant AND s.stock_point_id = of_point FOR NO KEY UPDATE;
    SELECT s.id, s.on_hand - s.reserved - s.unavailable AS free, CASE WHEN p.level_id IS NULL THEN s.protected
           ELSE greatest(p.units, ceil(p.percent * greatest(s.on_hand, 0) / 100)::integer) END AS protected
    INTO level FROM stock_stocklevel s
    LEFT JOIN stock_levelprotection p ON p.level_id = s.id AND p.channel_id = of_channel
    WHERE s.variant_id = of_variant AND s.stock_point_id = of_point;
    FOR request IN
        WITH waiting AS (
            DELETE FROM stock_reservationrequest r
            WHERE r.id > asked - 1000 AND r.variant_id = of_variant AND r.stock_point_id = of_point
              AND r.channel_id IS NOT DISTINCT FROM of_channel
            RETURNING *
        )
        SELECT * FROM waiting w
        WHERE w.asked_at > clock_timestamp() - interval '1 minute'
          AND (w.id = asked OR EXISTS (SELECT FROM pg_stat_get_activity(w.backend)))
        ORDER BY w.id
    LOOP
        CONTINUE WHEN level.id IS NULL OR request.quantity > left_to_channel
            OR request.quantity > level.free - granted - CASE WHEN request.down_to_zero THEN 0 ELSE level.protected END;
        IF request.is_first THEN
            -- The lock under which a cart's hold is replaced: somebody who has it is not waited for.
            CONTINUE WHEN NOT pg_try_advisory_xact_lock(hashtextextended(request.owner, 731002));
            CONTINUE WHEN EXISTS (SELECT FROM stock_reservation r
                                  WHERE r.owner = request.owner AND r.state IN ('held', 'confirmed'));
        END IF;
        INSERT INTO stock_reservation (id, owner, channel_id, variant_id, stock_point_id, quantity, state, expires_at,
                                       created_at, allotment_counter_id)
        VALUES (request.id, request.owner, of_channel, of_variant, of_point, request.quantity, request.state,
                request.expires_at, request.created_at, counter);
        granted := granted + request.quantity;
        left_to_channel := left_to_channel - request.quantity;
    END LOOP;
    IF granted > 0 THEN
        UPDATE stock_stocklevel s SET reserved = s.reserved + granted WHERE s.id = level.id;
        UPDATE stock_allotmentcounter k SET taken = k.taken + granted WHERE k.id = counter;
    END IF;
END $$
"""

# Whoever answers does not wait for the disk while he holds the level: he commits to memory. Everybody else's commits
# come after his, on the disk too, so nothing ever stands without him; and nobody is told of his reservation before a
# commit of his own, of nothing but a note, has come to the disk: many of these are one trip.
#
# Whoever comes while nobody answers does so at once; the others commit what they want and wait. Whoever fails while he
# waits or answers takes his request back before he says so: then nothing is held.
RESERVE_TOGETHER = """
CREATE OR REPLACE PROCEDURE stock_reserve_together(
    of_owner text, of_channel bigint, of_variant bigint, of_point bigint, units integer, into_state text,
    until timestamptz, at timestamptz, is_down_to_zero boolean, is_first_of_owner boolean, INOUT reservation bigint
) LANGUAGE plpgsql AS $$
DECLARE
    queue bigint := hashtextextended(concat_ws(':', of_variant, of_point, of_channel), 731003);
    attempts integer := 0;
    has_lock boolean;
    failure text;
    reason text;
BEGIN
    reservation := nextval('stock_reservation_id_seq');
    LOOP
        attempts := attempts + 1;
        SET LOCAL synchronous_commit = off;
        BEGIN
            IF attempts = 1 THEN
                INSERT INTO stock_reservationrequest
                    (id, variant_id, stock_point_id, channel_id, owner, quantity, state, expires_at, created_at,
                     down_to_zero, is_first, backend, asked_at)
                VALUES (reservation, of_variant, of_point, of_channel, of_owner, units, into_state, until, at,
                        is_down_to_zero, is_first_of_owner, pg_backend_pid(), clock_timestamp());
                has_lock := pg_try_advisory_xact_lock(queue);
            ELSIF attempts <= 5 THEN
                -- All wait together for the one who answers. Who was passed over several times stands in line.
                has_lock := pg_try_advisory_xact_lock(queue);
                IF NOT has_lock THEN
                    PERFORM pg_advisory_xact_lock_shared(queue);
                END IF;
            ELSE
                PERFORM pg_advisory_xact_lock(queue);
                has_lock := true;
            END IF;
            IF has_lock AND EXISTS (SELECT FROM stock_reservationrequest r WHERE r.id = reservation) THEN
                PERFORM stock_answer_requests(reservation, of_variant, of_point, of_channel);
            END IF;
        EXCEPTION WHEN query_canceled OR OTHERS THEN
            GET STACKED DIAGNOSTICS failure = RETURNED_SQLSTATE, reason = MESSAGE_TEXT;
            DELETE FROM stock_reservationrequest r WHERE r.id = reservation;
        END;
        COMMIT;
        EXIT WHEN NOT EXISTS (SELECT FROM stock_reservationrequest r WHERE r.id = reservation);
    END LOOP;
    IF EXISTS (SELECT FROM stock_reservation r WHERE r.id = reservation) THEN
        PERFORM pg_logical_emit_message(true, 'stock_reserve_together', '');
        COMMIT;
    ELSIF failure IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = failure, MESSAGE = reason;
    ELSE
        reservation := NULL;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0023_movements_are_found_by_reference"),
    ]

    operations = [
        migrations.RunSQL(ANSWER, before.ANSWER.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
        migrations.RunSQL(
            RESERVE_TOGETHER, before.RESERVE_TOGETHER.replace("CREATE PROCEDURE", "CREATE OR REPLACE PROCEDURE")
        ),
    ]
