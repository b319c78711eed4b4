"""A database that refuses its queues is a broker that is down: to be waited for, not to die of."""

import psycopg
from kombu import Connection

import oms.celery


def test_a_refusal_of_the_queues_is_a_lost_connection():
    assert oms.celery.app.main == "oms"
    assert issubclass(psycopg.errors.InvalidSchemaName, Connection("pgmq://").connection_errors)
    assert issubclass(psycopg.errors.UndefinedTable, Connection("pgmq://").recoverable_connection_errors)


def test_other_brokers_keep_their_own_transport():
    assert Connection("memory://").transport_cls == "memory"
    assert not issubclass(psycopg.Error, Connection("memory://").connection_errors)
