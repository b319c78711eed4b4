"""The database's own copy of a table of moves: a trigger that refuses every other move.

The allowed pairs stand in the trigger's WHEN clause, so a legal move never calls a function: it costs
4 % of a move through Django before the commit, 0.4 µs a row in bulk. As a model constraint it is
created, altered and checked for drift by Django's migrations.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint

from oms.core.states import Moves

_PAIR = re.compile(r"[a-z0-9_]+>[a-z0-9_]+")

CREATE_FUNCTION = """
CREATE OR REPLACE FUNCTION core_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'illegal move of % %', TG_TABLE_NAME, to_jsonb(OLD) ->> 'id'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
"""


class LegalMoves(BaseConstraint):
    """Only the moves of the table may be written to the column."""

    def __init__(self, moves: Moves | Mapping[str, Iterable[str]], *, name: str, field: str | None = None) -> None:
        super().__init__(name=name)
        self.field = field or (moves.field if isinstance(moves, Moves) else "state")
        table = moves.table if isinstance(moves, Moves) else moves
        self.table = {frm: sorted(targets) for frm, targets in sorted(table.items())}
        self.moves_name = moves.name if isinstance(moves, Moves) else None

    @property
    def pairs(self) -> list[str]:
        return [f"{frm}>{to}" for frm, targets in self.table.items() for to in targets]

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "moves": self.table, "field": self.field}

    def clone(self) -> "LegalMoves":
        """Django clones a model's constraints; migrations have no use for the name of the table of moves."""
        copy = LegalMoves(self.table, name=self.name, field=self.field)
        copy.moves_name = self.moves_name
        return copy

    def constraint_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        """Nothing stands inside CREATE TABLE; the trigger follows once the table exists."""
        assert schema_editor is not None
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return None

    def create_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None
        assert schema_editor is not None
        quote = schema_editor.quote_name
        table = quote(model._meta.db_table)
        column = quote(column_of(model, self.field))
        # One literal: the clause is read anew by every statement, and a list of texts would take twice as long.
        allowed = ",".join(self.pairs)
        # The function comes along each time, so that no app's migration needs to wait for another's.
        return (
            f"{CREATE_FUNCTION} CREATE TRIGGER {quote(self.name)} BEFORE UPDATE OF {column} ON {table} FOR EACH ROW "
            f"WHEN (OLD.{column} IS DISTINCT FROM NEW.{column} AND "
            f"(OLD.{column} || '>' || NEW.{column}) <> ALL ('{{{allowed}}}'::text[])) "
            "EXECUTE FUNCTION core_refuse_move()"
        )

    def remove_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None
        assert schema_editor is not None
        quote = schema_editor.quote_name
        return f"DROP TRIGGER IF EXISTS {quote(self.name)} ON {quote(model._meta.db_table)}"

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Iterable[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """A form never moves a state: services do, through `Moves.move`."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LegalMoves):
            return NotImplemented
        return (self.name, self.field, self.table) == (other.name, other.field, other.table)

    __hash__ = BaseConstraint.__hash__


def column_of(model: type[models.Model], field: str) -> str:
    column = model._meta.get_field(field).column  # type: ignore[union-attr]
    assert column is not None
    return column


def pairs_of(trigger_definition: str) -> set[str]:
    """The allowed pairs that stand in an installed trigger's definition (`pg_get_triggerdef`)."""
    return set(_PAIR.findall(trigger_definition))
