"""A message whose acknowledgement is lost does not count as taken for ever; the worker would take no other."""

from typing import Any

import pytest
from kombu.transport import TRANSPORT_ALIASES, redis

from oms.core import redis_broker


class Away:
    """A channel whose server has closed the connection."""

    connection_errors = (ConnectionError,)
    unacked_index_key = unacked_key = "unacked"
    do_restore = False

    def conn_or_acquire(self, client: Any = None) -> Any:
        raise ConnectionError("Connection closed by server.")


def full(kind: type[redis.QoS]) -> Any:
    """All that may be taken at once is."""
    qos: Any = kind(Away(), prefetch_count=1)
    qos._delivered["tag"] = object()
    assert not qos.can_consume()
    return qos


@pytest.mark.parametrize("answer", ["ack", "reject"])
def test_what_could_not_be_acknowledged_makes_room(answer: str) -> None:
    qos = full(redis_broker.QoS)
    with pytest.raises(ConnectionError):
        getattr(qos, answer)("tag")
    assert qos.can_consume()


def test_without_it_the_worker_would_take_nothing_any_more() -> None:
    qos = full(redis.QoS)
    with pytest.raises(ConnectionError):
        qos.ack("tag")
    assert not qos.can_consume()


def test_redis_is_reached_by_it() -> None:
    import oms.celery  # noqa: F401

    assert TRANSPORT_ALIASES["redis"] == TRANSPORT_ALIASES["rediss"] == "oms.core.redis_broker:Transport"
    assert redis_broker.Transport.Channel.QoS is redis_broker.QoS
