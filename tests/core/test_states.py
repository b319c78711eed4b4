"""A move is one guarded update, and only what the table allows."""

import pytest
from django.db.models import F, TextChoices

from oms.core import states
from oms.core.delivery_states import DELIVERY_MOVES, DeliveryState
from oms.core.errors import StateConflict
from oms.core.models import EventDelivery, OutboxEvent
from oms.core.states import Moves

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery(at_noon):
    event = OutboxEvent.objects.create(name="thing.made", payload={}, created_at=at_noon)
    return EventDelivery.objects.create(event=event, subscription="a.b")


def test_an_allowed_move_changes_the_row_and_the_instance(delivery, at_noon):
    DELIVERY_MOVES.move(delivery, DeliveryState.DONE, done_at=at_noon)
    assert (delivery.state, delivery.done_at) == ("done", at_noon)
    row = EventDelivery.objects.get()
    assert (row.state, row.done_at) == ("done", at_noon)


def test_what_the_database_computes_is_read_back(delivery):
    DELIVERY_MOVES.move(delivery, DeliveryState.DEAD, attempts=F("attempts") + 3)
    assert delivery.attempts == 3


def test_a_forbidden_move_is_refused_and_nothing_changes(delivery, at_noon):
    DELIVERY_MOVES.move(delivery, DeliveryState.DONE, done_at=at_noon)
    with pytest.raises(StateConflict, match="This event delivery is done; it cannot become dead") as conflict:
        DELIVERY_MOVES.move(delivery, DeliveryState.DEAD, attempts=9)
    assert conflict.value.data == {"state": "done"}
    row = EventDelivery.objects.get()
    assert (row.state, row.attempts) == ("done", 0)


def test_staying_put_is_not_a_move(delivery):
    with pytest.raises(StateConflict):
        DELIVERY_MOVES.move(delivery, DeliveryState.PENDING)


def test_a_row_that_somebody_else_moved_is_told_with_its_present_state(delivery):
    EventDelivery.objects.update(state=DeliveryState.DEAD)
    with pytest.raises(StateConflict) as conflict:
        DELIVERY_MOVES.move(delivery, DeliveryState.DONE)
    assert conflict.value.data == {"state": "dead"}
    assert delivery.state == "pending"


def test_a_row_that_is_gone_is_told_with_no_state(delivery):
    EventDelivery.objects.all().delete()
    delivery.pk = 1
    with pytest.raises(StateConflict) as conflict:
        DELIVERY_MOVES.move(delivery, DeliveryState.DEAD)
    assert conflict.value.data == {"state": None}


def test_many_rows_move_from_the_given_states_only(delivery, at_noon):
    other = EventDelivery.objects.create(event=delivery.event, subscription="c.d", state="dead")
    moved = DELIVERY_MOVES.move_all(EventDelivery.objects.all(), frm=DeliveryState.DEAD, to=DeliveryState.PENDING)
    assert moved == 1
    other.refresh_from_db()
    assert other.state == "pending"


def test_many_rows_cannot_make_a_forbidden_move(delivery):
    with pytest.raises(StateConflict, match="that is done cannot become pending"):
        DELIVERY_MOVES.move_all(
            EventDelivery.objects.all(), frm={DeliveryState.DEAD, DeliveryState.DONE}, to=DeliveryState.PENDING
        )
    assert EventDelivery.objects.get().state == "pending"


class Light(TextChoices):
    RED = "red"
    GREEN = "green"
    YELLOW = "yellow"


@pytest.fixture
def light(monkeypatch):
    monkeypatch.setattr(states, "REGISTRY", {})
    return Moves("light", Light, {Light.RED: {Light.GREEN}, Light.GREEN: {Light.YELLOW}, Light.YELLOW: {Light.RED}})


def test_the_table_is_read_in_every_direction(light):
    assert light.allows(Light.RED, Light.GREEN)
    assert not light.allows("green", "red")
    assert light.leading_to(Light.RED) == {"yellow"}
    assert light.pairs() == [("red", "green"), ("green", "yellow"), ("yellow", "red")]
    assert not light.is_final(Light.RED)


def test_a_state_the_table_does_not_name_is_final(monkeypatch):
    monkeypatch.setattr(states, "REGISTRY", {})
    assert Moves("light", Light, {Light.RED: {Light.GREEN}}).is_final(Light.GREEN)


def test_an_unknown_state_in_a_table_is_a_mistake(monkeypatch):
    monkeypatch.setattr(states, "REGISTRY", {})
    with pytest.raises(ValueError, match="'blue' is not a valid"):
        Moves("light", Light, {Light.RED: {"blue"}})


def test_two_tables_cannot_share_a_name(light):
    with pytest.raises(ValueError, match="already is a table of moves named light"):
        Moves("light", Light, {})
