"""States and their allowed moves: one table per kind of object, one guarded update per move.

An app's `states.py` holds `ORDER_MOVES = Moves("order", OrderState, {…})`. The model adds
`LegalMoves(ORDER_MOVES, name="orders_order_legal_moves")` to its `Meta.constraints`, so that the
database refuses what the table refuses, whoever writes.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet, TextChoices
from django.db.models.expressions import BaseExpression, Combinable

from oms.core.errors import StateConflict

REGISTRY: dict[str, "Moves"] = {}


class Moves:
    """The allowed moves of one kind of object: `{from: {to, …}}`. A state that is not a key is final."""

    def __init__(
        self,
        name: str,
        states: type[TextChoices],
        table: Mapping[Any, Iterable[Any]],
        *,
        field: str = "state",
    ) -> None:
        if name in REGISTRY:
            raise ValueError(f"There already is a table of moves named {name}.")
        self.name = name
        self.states = states
        self.field = field
        self.table: dict[str, frozenset[str]] = {state.value: frozenset() for state in states}
        for frm, targets in table.items():
            self.table[states(frm).value] = frozenset(states(to).value for to in targets)
        REGISTRY[name] = self

    def allows(self, frm: str, to: str) -> bool:
        """Whether an object in state `frm` may move to `to`. Staying put is not a move."""
        return str(to) in self.table[self.states(frm).value]

    def is_final(self, state: str) -> bool:
        return not self.table[self.states(state).value]

    def leading_to(self, to: str) -> frozenset[str]:
        """The states from which `to` is one move away."""
        return frozenset(frm for frm, targets in self.table.items() if str(to) in targets)

    def pairs(self) -> list[tuple[str, str]]:
        """Every allowed move, in the order of the states."""
        order = [state.value for state in self.states]
        return [(frm, to) for frm in order for to in order if to in self.table[frm]]

    def move(self, instance: Model, to: str, **changes: Any) -> None:
        """Move the row if it still is in the instance's state, `changes` in the same update.

        Raises `StateConflict` with the row's present state, and then nothing has changed.
        """
        frm = self.states(getattr(instance, self.field)).value
        to = self.states(to).value
        if not (self.allows(frm, to) and _update(instance, {self.field: frm}, {self.field: to, **changes})):
            rows: QuerySet[Any] = type(instance)._base_manager.filter(pk=instance.pk)
            present = rows.order_by("pk").values_list(self.field, flat=True).first()
            raise StateConflict(
                f"This {self.name.replace('_', ' ')} is {present}; it cannot become {to}.", data={"state": present}
            )
        _remember(instance, {self.field: to, **changes})

    def move_all(self, queryset: QuerySet[Any], *, frm: str | Collection[str], to: str, **changes: Any) -> int:
        """Move the queryset's rows that are in `frm`; how many moved. Raises `StateConflict` for a forbidden move."""
        sources = [frm] if isinstance(frm, str) else sorted(frm)
        for source in sources:
            if not self.allows(source, to):
                raise StateConflict(
                    f"A {self.name.replace('_', ' ')} that is {source} cannot become {to}.", data={"state": str(source)}
                )
        return queryset.filter(**{f"{self.field}__in": sources}).update(
            **{self.field: self.states(to).value}, **changes
        )


def _update(instance: Model, present: Mapping[str, Any], changes: Mapping[str, Any]) -> int:
    """Update the instance's row if its columns still are as `present`; whether it was.

    Plain values are written by hand: moves are most of what an order's life writes, and the ORM takes longer to
    compose one than the server to run it.
    """
    if any(_is_computed(value) for value in changes.values()):
        return type(instance)._base_manager.filter(pk=instance.pk, **present).update(**changes)
    meta = type(instance)._meta
    fields = {name: field for field in meta.concrete_fields for name in (field.name, field.attname)}

    def columns(values: Mapping[str, Any]) -> list[str]:
        return [f"{connection.ops.quote_name(str(fields[name].column))} = %s" for name in values]

    def written(values: Mapping[str, Any]) -> list[Any]:
        plain = {name: value.pk if isinstance(value, Model) else value for name, value in values.items()}
        return [fields[name].get_db_prep_save(value, connection) for name, value in plain.items()]

    where = {"id" if meta.pk is None else meta.pk.name: instance.pk, **present}
    statement = (
        f"UPDATE {connection.ops.quote_name(meta.db_table)} SET {', '.join(columns(changes))}"  # noqa: S608
        f" WHERE {' AND '.join(columns(where))}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*written(changes), *written(where)])
        return int(cursor.rowcount)


def _is_computed(value: Any) -> bool:
    """Whether only the database knows what it comes to."""
    return isinstance(value, BaseExpression | Combinable)


def _remember(instance: Model, changes: Mapping[str, Any]) -> None:
    """Give the instance its new values; those the database computed are read back."""
    computed = [name for name, value in changes.items() if _is_computed(value)]
    for name, value in changes.items():
        if name not in computed:
            setattr(instance, name, value)
    if computed:
        instance.refresh_from_db(fields=computed)
