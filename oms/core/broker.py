"""The database as a broker that may go away for a while; the same for Redis is in `oms.core.redis_broker`.

The transport of kombu gives up for good when the queues themselves are refused (their schema is being
restored, a right is missing): for a worker that is a broker which is down, to be waited for.
"""

import psycopg
from kombu.transport import TRANSPORT_ALIASES, pgmq


class Transport(pgmq.Transport):
    connection_errors = (*pgmq.Transport.connection_errors, psycopg.Error)  # type: ignore[assignment]


def use_patient_transport() -> None:
    """From now on `pgmq://` means this transport, and `redis://` ours."""
    TRANSPORT_ALIASES["pgmq"] = f"{__name__}:{Transport.__name__}"
    # Named, not imported: nobody else needs its library.
    TRANSPORT_ALIASES["redis"] = TRANSPORT_ALIASES["rediss"] = "oms.core.redis_broker:Transport"
