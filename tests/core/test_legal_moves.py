"""The database itself refuses what the table of moves refuses, whoever writes."""

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ModelState, ProjectState
from django.test.utils import isolate_apps

from oms.core.delivery_states import DELIVERY_MOVES
from oms.core.kernel_invariants import models_with_moves
from oms.core.legal_moves import LegalMoves
from oms.core.models import EventDelivery, OutboxEvent

pytestmark = pytest.mark.django_db

STATES = ["pending", "done", "dead"]


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("frm", STATES)
def test_every_move_is_allowed_or_refused_as_the_table_says(frm, to, at_noon):
    event = OutboxEvent.objects.create(name="thing.made", payload={}, created_at=at_noon)
    at = {"done": at_noon}
    row = EventDelivery.objects.create(event=event, subscription="a.b", state=frm, done_at=at.get(frm))

    def write() -> None:
        EventDelivery.objects.filter(pk=row.pk).update(state=to, done_at=at.get(to))

    if frm == to or DELIVERY_MOVES.allows(frm, to):
        write()
    else:
        with pytest.raises(IntegrityError, match=f"illegal move of core_eventdelivery {row.pk}"), transaction.atomic():
            write()
    row.refresh_from_db()
    assert row.state == (to if frm == to or DELIVERY_MOVES.allows(frm, to) else frm)


def test_a_forbidden_move_by_hand_written_sql_is_refused(at_noon):
    event = OutboxEvent.objects.create(name="thing.made", payload={}, created_at=at_noon)
    EventDelivery.objects.create(event=event, subscription="a.b", state="done", done_at=at_noon)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE core_eventdelivery SET state = 'dead', done_at = NULL")


def test_the_guard_of_the_deliveries_is_found():
    assert [moves.moves_name for model, moves in models_with_moves() if model is EventDelivery] == ["event_delivery"]


def test_a_changed_table_of_moves_is_a_migration():
    @isolate_apps("oms.core")
    def state_with(moves: dict[str, list[str]]) -> ProjectState:
        class Thing(models.Model):
            state = models.CharField(max_length=20)

            class Meta:
                app_label = "core"
                constraints = [LegalMoves(moves, name="core_thing_legal_moves")]

        state = ProjectState()
        state.add_model(ModelState.from_model(Thing))
        return state

    before, after = state_with({"a": ["b"]}), state_with({"a": ["b", "c"]})
    same = state_with({"a": ["b"]})
    assert MigrationAutodetector(before, same)._detect_changes() == {}
    [migration] = MigrationAutodetector(before, after)._detect_changes()["core"]
    assert [type(operation).__name__ for operation in migration.operations] == ["RemoveConstraint", "AddConstraint"]


@isolate_apps("oms.core")
def test_the_guard_comes_with_its_table_and_can_be_taken_off_and_put_on():
    class Thing(models.Model):
        state = models.CharField(max_length=20)

        class Meta:
            app_label = "core"
            constraints = [LegalMoves({"a": ["b"]}, name="core_thing_legal_moves")]

    with connection.schema_editor() as editor:
        editor.create_model(Thing)
    thing = Thing.objects.create(state="b")

    def is_refused() -> bool:
        try:
            with transaction.atomic():
                Thing.objects.filter(pk=thing.pk).update(state="a")
        except IntegrityError:
            return True
        Thing.objects.filter(pk=thing.pk).delete()
        thing.save()
        return False

    assert is_refused()
    [guard] = Thing._meta.constraints
    with connection.schema_editor() as editor:
        editor.remove_constraint(Thing, guard)
    assert not is_refused()
    with connection.schema_editor() as editor:
        editor.add_constraint(Thing, guard)
    assert is_refused()
