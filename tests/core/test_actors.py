"""Who acts is known to whatever is called, and forgotten after."""

from oms.core.actors import acting_as, become, current_actor


def test_nobody_else_is_the_system():
    assert current_actor() == "system"


def test_the_actor_of_the_block_acts_in_it():
    with acting_as("user:1"):
        with acting_as("task:x"):
            assert current_actor() == "task:x"
        assert current_actor() == "user:1"
    assert current_actor() == "system"


def test_who_becomes_somebody_is_forgotten_with_the_block():
    with acting_as("user:1"):
        become("client:web")
        assert current_actor() == "client:web"
    assert current_actor() == "system"


def test_a_callable_is_asked_only_when_somebody_wants_to_know():
    asked = []

    def who() -> str:
        asked.append(1)
        return "user:2"

    with acting_as(who):
        assert asked == []
        assert current_actor() == "user:2"
    assert asked == [1]
