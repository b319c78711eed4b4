"""A token says what it was given, short or long, also while the key is being changed; nothing else is read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from oms.orchestration.errors import UnreadablePromise
from oms.orchestration.promises import Promise, PromisedParcel, PromisedUnits
from oms.orchestration.services.promise_tokens import promise_in, token_for


def a_promise(parcels: int) -> Promise:
    kept = tuple(
        PromisedParcel(point, "Éclair – 24 h", ((7, 1), (8, point)), date(2026, 5, 7), "home")
        for point in range(1, parcels + 1)
    )
    return Promise(
        channel_id=3,
        mode="home",
        pickup_point_id=None,
        country="FR",
        postcode="59800",
        units={7: parcels, 8: parcels * (parcels + 1) // 2, 9: 3},
        parcels=kept,
        promised_from=date(2026, 5, 6),
        promised_on=date(2026, 5, 7),
        price=Decimal("4.90"),
        currency="EUR",
        expires_at=datetime(2026, 5, 5, 8, 30, tzinfo=UTC),
        choice="now_and_later",
        later=(
            PromisedUnits(9, 2, date(2026, 5, 12), date(2026, 5, 14), "home"),
            PromisedUnits(9, 1, None, None, "home"),
        ),
    )


@pytest.mark.parametrize("parcels", [1, 40])
def test_what_was_promised_is_read_again(parcels: int, settings: Any) -> None:
    token = token_for(a_promise(parcels))
    assert promise_in(token) == a_promise(parcels)
    assert len(token) < 8000  # what an order's field takes
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-" * 5
    assert promise_in(token) == a_promise(parcels)
    assert promise_in(token_for(a_promise(parcels))) == a_promise(parcels)
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(UnreadablePromise):
        promise_in(token)


def test_long_ones_are_made_smaller() -> None:
    assert not token_for(a_promise(1)).startswith(".")
    assert token_for(a_promise(40)).startswith(".")
