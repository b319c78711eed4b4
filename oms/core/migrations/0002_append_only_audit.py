"""The database keeps the audit append-only, and cleans the two queues often."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION core_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are append-only' USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER core_auditentry_never_deleted BEFORE DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION core_refuse_audit_change();

-- Sealing is the one change: it fills position and hash of an unsealed entry and touches nothing else.
CREATE TRIGGER core_auditentry_never_changed BEFORE UPDATE ON core_auditentry
    FOR EACH ROW WHEN (
        OLD.position IS NOT NULL
        OR (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.subject, OLD.changes)
           IS DISTINCT FROM (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.subject, NEW.changes)
    ) EXECUTE FUNCTION core_refuse_audit_change();
"""

CHANGEABLE = """
DROP TRIGGER core_auditentry_never_changed ON core_auditentry;
DROP TRIGGER core_auditentry_never_deleted ON core_auditentry;
DROP FUNCTION core_refuse_audit_change();
"""

# Queues are mostly dead rows: the default of a fifth of the table is too late for them.
CLEAN_OFTEN = """
ALTER TABLE core_outboxevent SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE core_eventdelivery SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
"""
CLEAN_AS_USUAL = """
ALTER TABLE core_outboxevent RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
ALTER TABLE core_eventdelivery RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, CHANGEABLE),
        migrations.RunSQL(CLEAN_OFTEN, CLEAN_AS_USUAL),
    ]
