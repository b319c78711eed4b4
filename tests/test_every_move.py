"""Every allowed move of every object is made once, and every other one is refused, by the code and by the database."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from oms.core.errors import StateConflict
from oms.core.legal_moves import LegalMoves
from oms.core.states import REGISTRY, Moves

pytestmark = pytest.mark.django_db


def machines() -> Iterator[tuple[Moves, type[models.Model]]]:
    """Each table of moves with the model it rules."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, LegalMoves):
                assert constraint.moves_name is not None
                yield REGISTRY[constraint.moves_name], model


MACHINES = {moves.name: (moves, model) for moves, model in machines()}


def _value(field: models.Field[Any, Any]) -> Any:
    """Anything the column takes; which row it belongs to does not matter here."""
    if field.null:
        return None
    samples: dict[type[models.Field[Any, Any]], Any] = {
        models.UUIDField: uuid.uuid4(),
        models.DateTimeField: datetime(2026, 1, 1, tzinfo=UTC),
        models.DateField: date(2026, 1, 1),
        models.DecimalField: Decimal(0),
        models.BooleanField: False,
        models.JSONField: {},
        models.BinaryField: b"",
        models.ForeignKey: 1,
    }
    for kind, sample in samples.items():
        if isinstance(field, kind):
            return sample
    return 1 if isinstance(field, models.IntegerField) else "x"


def drop_other_rules(model: type[models.Model]) -> None:
    """Forget the table's checks and foreign keys for the rest of the test: only the table of moves is to judge here."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'f')",
            [model._meta.db_table],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {connection.ops.quote_name(name)}")


def row_in(model: type[models.Model], field: str, state: str) -> models.Model:
    """A row in that state, written past foreign keys and triggers."""
    values = {
        column.attname: _value(column)
        for column in model._meta.concrete_fields
        if not column.primary_key and not column.has_default() and not getattr(column, "db_default_set", False)
        if not isinstance(column, models.GeneratedField)
    }
    values[field] = state
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        row = model._base_manager.bulk_create([model(**values)])[0]
        cursor.execute("SET LOCAL session_replication_role = origin")
    return row


def test_every_table_of_moves_rules_a_model() -> None:
    assert set(MACHINES) == set(REGISTRY)


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_allowed_moves_are_made_and_all_others_refused(name: str) -> None:
    moves, model = MACHINES[name]
    drop_other_rules(model)
    for frm in moves.states.values:
        for to in moves.states.values:
            if frm == to:
                continue
            with transaction.atomic():
                row = row_in(model, moves.field, frm)
                if moves.allows(frm, to):
                    moves.move(row, to)
                    row.refresh_from_db(fields=[moves.field])
                    assert getattr(row, moves.field) == to
                else:
                    with pytest.raises(StateConflict) as refusal:
                        moves.move(row, to)
                    assert refusal.value.data == {"state": frm}
                transaction.set_rollback(True)


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_the_database_itself_refuses_what_the_table_does_not_allow(name: str) -> None:
    moves, model = MACHINES[name]
    drop_other_rules(model)
    for frm in moves.states.values:
        for to in moves.states.values:
            if frm == to or moves.allows(frm, to):
                continue
            with transaction.atomic():
                row = row_in(model, moves.field, frm)
                with pytest.raises(DatabaseError, match="illegal move"), transaction.atomic():
                    model._base_manager.filter(pk=row.pk).update(**{moves.field: to})
                transaction.set_rollback(True)
