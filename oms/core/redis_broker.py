"""Redis as a broker that may go away for a while.

A worker takes no more messages than it has processes and counts one as taken until it is acknowledged. The transport of
kombu goes on counting one whose acknowledgement did not arrive: a worker that lost as many of them as it has processes
would take nothing any more, and not even look at the connection that is closed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kombu.transport import redis, virtual


class QoS(redis.QoS):  # type: ignore[misc]
    def ack(self, delivery_tag: Any) -> None:
        with _counted_no_longer(self, delivery_tag):
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        with _counted_no_longer(self, delivery_tag):
            super().reject(delivery_tag, requeue=requeue)  # type: ignore[no-untyped-call]


class Channel(redis.Channel):  # type: ignore[misc]
    QoS = QoS


class Transport(redis.Transport):  # type: ignore[misc]
    Channel = Channel


@contextmanager
def _counted_no_longer(qos: QoS, delivery_tag: Any) -> Iterator[None]:
    """Redis gives the message out again after its time; its task has had its effect and has none a second time."""
    try:
        yield
    except qos.channel.connection_errors:
        virtual.QoS.ack(qos, delivery_tag)  # type: ignore[no-untyped-call]
        raise
