"""States and their allowed moves: one table per kind of object, one guarded update per move.

An app's `states.py` holds `ORDER_MOVES = Moves("order", OrderState, {…})`. The model adds
`LegalMoves(ORDER_MOVES, name="orders_order_legal_moves")` to its `Meta.constraints`, so that the
database refuses what the table refuses, whoever writes.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

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
        rows: QuerySet[Any] = type(instance)._base_manager.filter(pk=instance.pk)
        moved = self.allows(frm, to) and rows.filter(**{self.field: frm}).update(**{self.field: to}, **changes)
        if not moved:
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


def _remember(instance: Model, changes: Mapping[str, Any]) -> None:
    """Give the instance its new values; those the database computed are read back."""
    computed = [name for name, value in changes.items() if isinstance(value, BaseExpression | Combinable)]
    for name, value in changes.items():
        if name not in computed:
            setattr(instance, name, value)
    if computed:
        instance.refresh_from_db(fields=computed)
