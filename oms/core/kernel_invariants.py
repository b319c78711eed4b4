"""The kernel's own invariants."""

from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db.models import Model

from oms.core import states
from oms.core.invariants import invariant, rows_of
from oms.core.legal_moves import LegalMoves, column_of, pairs_of
from oms.core.services.sealing import breaks_in_chain


@invariant("events_are_relayed_to_all_their_tasks")
def events_are_relayed_to_all_their_tasks() -> Iterator[str]:
    wrong = rows_of(
        """
        SELECT event.id, event.fan_out, count(delivery.id) FROM core_outboxevent AS event
        LEFT JOIN core_eventdelivery AS delivery ON delivery.event_id = event.id
        GROUP BY event.id HAVING count(delivery.id) <> event.fan_out OR (event.relayed_at IS NULL AND event.fan_out > 0)
        """
    )
    for event, fan_out, found in wrong:
        yield f"event {event} was relayed to {fan_out} tasks, it has {found} deliveries"


@invariant("events_are_delivered_once")
def events_are_delivered_once() -> Iterator[str]:
    repeated = rows_of(
        "SELECT event_id, subscription, count(*) FROM core_eventdelivery GROUP BY 1, 2 HAVING count(*) > 1"
    )
    for event, subscription, times in repeated:
        yield f"event {event} has {times} deliveries to {subscription}"


@invariant("deliveries_done_have_their_time")
def deliveries_done_have_their_time() -> Iterator[str]:
    for (delivery,) in rows_of("SELECT id FROM core_eventdelivery WHERE (state = 'done') <> (done_at IS NOT NULL)"):
        yield f"delivery {delivery} is done without its time, or has one without being done"


@invariant("idempotency_keys_have_one_answer")
def idempotency_keys_have_one_answer() -> Iterator[str]:
    repeated = rows_of("SELECT client_id, key FROM core_idempotencyrecord GROUP BY 1, 2 HAVING count(*) > 1")
    for client, key in repeated:
        yield f"the idempotency key {key} of client {client} is recorded more than once"
    for (record,) in rows_of("SELECT id FROM core_idempotencyrecord WHERE (status IS NULL) <> (body IS NULL)"):
        yield f"idempotency record {record} has half an answer"


@invariant("states_are_known")
def states_are_known() -> Iterator[str]:
    for model, moves in models_with_moves():
        table, column = model._meta.db_table, column_of(model, moves.field)
        unknown = rows_of(
            f'SELECT id, "{column}" FROM "{table}" WHERE "{column}" <> ALL (%s)',  # noqa: S608 (our own names)
            list(moves.table),
        )
        for id, state in unknown:
            yield f"{table} {id} is in the unknown state {state}"


@invariant("moves_are_held_by_the_database")
def moves_are_held_by_the_database() -> Iterator[str]:
    installed = {
        (table, name): (definition, enabled)
        for table, name, definition, enabled in rows_of(
            """
            SELECT relname, tgname, pg_get_triggerdef(pg_trigger.oid), tgenabled <> 'D'
            FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal
            """
        )
    }
    held = set()
    for model, moves in models_with_moves():
        held.add(moves.moves_name)
        table = model._meta.db_table
        definition, is_enabled = installed.get((table, moves.name), ("", False))
        if not is_enabled or pairs_of(definition) != set(moves.pairs):
            yield f"the trigger {moves.name} on {table} does not hold the table of moves"
    for name in sorted(states.REGISTRY.keys() - held):
        yield f"no model holds the moves of {name}"


@invariant("audit_is_append_only")
def audit_is_append_only() -> Iterator[str]:
    enabled = rows_of(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'core_auditentry'::regclass AND tgenabled <> 'D'",
    )
    for name in ("core_auditentry_never_changed", "core_auditentry_never_deleted"):
        if (name,) not in enabled:
            yield f"the trigger {name} is missing or switched off"


@invariant("audit_chain_is_intact")
def audit_chain_is_intact() -> Iterable[str]:
    return breaks_in_chain()


def models_with_moves() -> Iterator[tuple[type[Model], LegalMoves]]:
    """Every model whose column the database guards, with the guard."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, LegalMoves):
                yield model, constraint
