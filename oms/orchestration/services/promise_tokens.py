"""A promise as a signed text: short, versioned, good for a while, readable by nobody's program but ours."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext_noop

from oms.orchestration.errors import UnreadablePromise
from oms.orchestration.promises import Promise, PromisedParcel, PromisedUnits

_SALT = "oms.orchestration.promise"
# Raise it with every change of the form: older tokens are then told to be asked for again.
_VERSION = 3


# Text is made smaller where that is worth the time it takes: a promise of few parcels is short as it is.
_LONG = 1_000
_ENCODER = json.JSONEncoder(separators=(",", ":"))


def token_for(promise: Promise) -> str:
    """As `signing.dumps` writes it, which makes a new signer and a new encoder for every text."""
    packed = _packed(promise)
    text = _ENCODER.encode(packed).encode("latin-1")
    if len(text) > _LONG:
        return signing.dumps(packed, salt=_SALT, compress=True)
    return _signer(settings.SECRET_KEY).sign(signing.b64_encode(text).decode())


@lru_cache(maxsize=2)
def _signer(key: str) -> signing.TimestampSigner:
    return signing.TimestampSigner(key=key, salt=_SALT)


def promise_in(token: str) -> Promise:
    """What the token says, expired or not. Raises `UnreadablePromise` for a text that is not ours."""
    try:
        packed = signing.loads(token, salt=_SALT)
        if packed[0] != _VERSION:
            raise UnreadablePromise(gettext_noop("This promise was given by another version; ask again."))
        return _unpacked(packed)
    except (signing.BadSignature, ValueError, TypeError, IndexError, KeyError) as error:
        raise UnreadablePromise from error


def _packed(promise: Promise) -> list[Any]:
    return [
        _VERSION,
        promise.channel_id,
        promise.mode,
        promise.pickup_point_id,
        promise.country,
        promise.postcode,
        list(promise.units.items()),
        [
            [
                parcel.stock_point_id,
                parcel.service,
                list(parcel.units),
                parcel.promised_on.toordinal(),
                parcel.mode,
                parcel.pickup_point_id,
            ]
            for parcel in promise.parcels
        ],
        promise.promised_from.toordinal(),
        promise.promised_on.toordinal(),
        str(promise.price),
        promise.currency,
        int(promise.expires_at.timestamp()),
        promise.choice,
        [
            [
                each.variant_id,
                each.quantity,
                _ordinal(each.available_on),
                _ordinal(each.promised_on),
                each.mode,
                each.pickup_point_id,
            ]
            for each in promise.later
        ],
    ]


def _unpacked(packed: list[Any]) -> Promise:
    _, channel, mode, pickup, country, postcode, units, parcels, first, last, *rest = packed
    price, currency, expires, choice, later = rest
    return Promise(
        channel_id=channel,
        mode=mode,
        pickup_point_id=pickup,
        country=country,
        postcode=postcode,
        units=dict(units),
        parcels=tuple(
            PromisedParcel(
                point, service, tuple((variant, many) for variant, many in held), date.fromordinal(day), *way
            )
            for point, service, held, day, *way in parcels
        ),
        promised_from=date.fromordinal(first),
        promised_on=date.fromordinal(last),
        price=Decimal(price),
        currency=currency,
        expires_at=datetime.fromtimestamp(expires, tz=UTC),
        choice=choice,
        later=tuple(
            PromisedUnits(variant, many, _day(available), _day(promised), *way)
            for variant, many, available, promised, *way in later
        ),
    )


def _ordinal(day: date | None) -> int:
    """0 where no day is known."""
    return day.toordinal() if day else 0


def _day(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal else None
