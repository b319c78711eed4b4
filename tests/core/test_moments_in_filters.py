"""`since=` and its like take any moment that ISO 8601 can say, and refuse the others."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from oms.core.api.filters import MomentFilter


def test_a_moment_is_told_in_utc():
    moment = MomentFilter().field.clean("2026-03-01T10:00:00-18:45")
    assert (moment, moment.tzinfo) == (datetime(2026, 3, 2, 4, 45, tzinfo=UTC), UTC)


def test_no_moment_is_none():
    assert MomentFilter().field.clean("") is None


@pytest.mark.parametrize("given", ["yesterday", "9999-12-31T23:59:59-12:00", "2026-13-01T00:00:00Z"])
def test_anything_else_is_refused(given):
    with pytest.raises(ValidationError):
        MomentFilter().field.clean(given)
