"""What the models cannot say: room in the levels' pages, the ledger's immutability, the feed of changes."""

from django.db import migrations

ROOM_FOR_UPDATES = "ALTER TABLE stock_stocklevel SET (fillfactor = 70)"

# One key to the level instead of one to the variant and one to the stock point: it checks a row the
# writer has locked anyway.
LEVEL_KEYS = """
ALTER TABLE stock_stockmovement ADD CONSTRAINT stock_movement_has_a_level
    FOREIGN KEY (variant_id, stock_point_id) REFERENCES stock_stocklevel (variant_id, stock_point_id);
ALTER TABLE stock_reservation ADD CONSTRAINT stock_reservation_has_a_level
    FOREIGN KEY (variant_id, stock_point_id) REFERENCES stock_stocklevel (variant_id, stock_point_id);
"""
DROP_LEVEL_KEYS = """
ALTER TABLE stock_stockmovement DROP CONSTRAINT stock_movement_has_a_level;
ALTER TABLE stock_reservation DROP CONSTRAINT stock_reservation_has_a_level;
"""

IMMUTABLE_LEDGER = """
CREATE FUNCTION stock_refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'stock movement % is immutable', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER stock_movement_immutable BEFORE UPDATE OR DELETE ON stock_stockmovement
    FOR EACH ROW EXECUTE FUNCTION stock_refuse_ledger_change();
"""
MUTABLE_LEDGER = """
DROP TRIGGER stock_movement_immutable ON stock_stockmovement;
DROP FUNCTION stock_refuse_ledger_change();
"""

# The feed of changes hears of every write that can move an availability, whoever makes it: levels and
# their protection, stock points that open, close or pause, channels that win or lose stock points.
CHANGE_FEED = """
CREATE FUNCTION stock_note_level_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_availabilitychange (variant_id) SELECT DISTINCT variant_id FROM changed;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_level_inserted_changes_availability AFTER INSERT ON stock_stocklevel
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stock_note_level_changes();
CREATE TRIGGER stock_level_updated_changes_availability AFTER UPDATE ON stock_stocklevel
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stock_note_level_changes();
CREATE TRIGGER stock_level_deleted_changes_availability AFTER DELETE ON stock_stocklevel
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stock_note_level_changes();

CREATE FUNCTION stock_note_protection_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_availabilitychange (variant_id)
    SELECT DISTINCT l.variant_id FROM changed c JOIN stock_stocklevel l ON l.id = c.level_id;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_levelprotection_inserted_changes_availability AFTER INSERT ON stock_levelprotection
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stock_note_protection_changes();
CREATE TRIGGER stock_levelprotection_updated_changes_availability AFTER UPDATE ON stock_levelprotection
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stock_note_protection_changes();
CREATE TRIGGER stock_levelprotection_deleted_changes_availability AFTER DELETE ON stock_levelprotection
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stock_note_protection_changes();

CREATE FUNCTION stock_note_opened_or_closed_point() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_availabilitychange (variant_id)
    SELECT variant_id FROM stock_stocklevel WHERE stock_point_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_stockpoint_opening_changes_availability
    AFTER UPDATE OF is_active, paused_until, timezone ON stock_stockpoint
    FOR EACH ROW WHEN ((OLD.is_active, OLD.paused_until, OLD.timezone)
                       IS DISTINCT FROM (NEW.is_active, NEW.paused_until, NEW.timezone))
    EXECUTE FUNCTION stock_note_opened_or_closed_point();

CREATE FUNCTION stock_note_points_of_channels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_availabilitychange (variant_id)
    SELECT DISTINCT variant_id FROM stock_stocklevel
    WHERE stock_point_id IN (SELECT stockpoint_id FROM changed);
    RETURN NULL;
END $$;
CREATE TRIGGER stock_saleschannel_points_added_change_availability
    AFTER INSERT ON stock_saleschannel_stock_points
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stock_note_points_of_channels();
CREATE TRIGGER stock_saleschannel_points_removed_change_availability
    AFTER DELETE ON stock_saleschannel_stock_points
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stock_note_points_of_channels();

CREATE FUNCTION stock_note_all_levels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_availabilitychange (variant_id) SELECT DISTINCT variant_id FROM stock_stocklevel;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_saleschannel_scope_changes_availability
    AFTER UPDATE OF serves_all_stock_points ON stock_saleschannel
    FOR EACH ROW WHEN (OLD.serves_all_stock_points <> NEW.serves_all_stock_points)
    EXECUTE FUNCTION stock_note_all_levels();
"""
DROP_CHANGE_FEED = """
DROP FUNCTION stock_note_level_changes() CASCADE;
DROP FUNCTION stock_note_protection_changes() CASCADE;
DROP FUNCTION stock_note_opened_or_closed_point() CASCADE;
DROP FUNCTION stock_note_points_of_channels() CASCADE;
DROP FUNCTION stock_note_all_levels() CASCADE;
"""

# A random version, not a counter: a counter that starts again would make an old cache look new.
NETWORK_VERSION = """
CREATE FUNCTION stock_renew_network_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_networkversion (id, version) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_stockpoint_renews_network AFTER INSERT OR UPDATE OR DELETE ON stock_stockpoint
    FOR EACH STATEMENT EXECUTE FUNCTION stock_renew_network_version();
CREATE TRIGGER stock_stockpoint_groups_renew_network AFTER INSERT OR UPDATE OR DELETE ON stock_stockpoint_groups
    FOR EACH STATEMENT EXECUTE FUNCTION stock_renew_network_version();
CREATE TRIGGER stock_stockpointgroup_renews_network AFTER INSERT OR UPDATE OR DELETE ON stock_stockpointgroup
    FOR EACH STATEMENT EXECUTE FUNCTION stock_renew_network_version();
CREATE TRIGGER stock_banner_renews_network AFTER INSERT OR UPDATE OR DELETE ON stock_banner
    FOR EACH STATEMENT EXECUTE FUNCTION stock_renew_network_version();
CREATE TRIGGER stock_saleschannel_renews_network AFTER INSERT OR UPDATE OR DELETE ON stock_saleschannel
    FOR EACH STATEMENT EXECUTE FUNCTION stock_renew_network_version();
CREATE TRIGGER stock_saleschannel_points_renew_network
    AFTER INSERT OR UPDATE OR DELETE ON stock_saleschannel_stock_points
    FOR EACH STATEMENT EXECUTE FUNCTION stock_renew_network_version();
"""
DROP_NETWORK_VERSION = "DROP FUNCTION stock_renew_network_version() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("stock", "0001_initial")]

    operations = [
        migrations.RunSQL(ROOM_FOR_UPDATES, "ALTER TABLE stock_stocklevel RESET (fillfactor)"),
        migrations.RunSQL(LEVEL_KEYS, DROP_LEVEL_KEYS),
        migrations.RunSQL(IMMUTABLE_LEDGER, MUTABLE_LEDGER),
        migrations.RunSQL(CHANGE_FEED, DROP_CHANGE_FEED),
        migrations.RunSQL(NETWORK_VERSION, DROP_NETWORK_VERSION),
    ]
