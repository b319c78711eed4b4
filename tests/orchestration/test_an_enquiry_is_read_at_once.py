"""What a shop asks for is read in one statement with what the answer rests on, and means what it meant one by one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from oms.core.api.serializers import validated
from oms.orchestration.api.enquiries import EnquirySerializer, enquired
from stock.models import SalesChannel, Variant
from tests.factories.clients import api_client
from tests.factories.retailer import LYON, PARIS, Json, Retailer, answered, open_retailer

codes = st.one_of(st.text(max_size=70), st.sampled_from(["SKU-1", "web", " padded ", "a b", "né", "", "x" * 65, "\t"]))
numbers = st.one_of(st.integers(-2, 100_002), st.booleans(), st.floats(-200, 200), st.none(), st.just("7"))
lines = st.one_of(
    st.fixed_dictionaries({"sku": codes, "quantity": numbers}),
    st.fixed_dictionaries({"sku": codes, "quantity": numbers, "more": st.just(1)}),
    st.just("SKU-1"),
)
places = st.one_of(
    st.none(),
    st.just("FR"),
    st.fixed_dictionaries(
        {"country": st.sampled_from(["FR", "fr", "F", "FRA", "F ", ""])},
        optional={"postcode": codes, "latitude": numbers, "longitude": numbers, "town": st.just("Lille")},
    ),
)
bodies = st.one_of(
    st.fixed_dictionaries(
        {"channel": codes, "lines": st.one_of(st.lists(lines, max_size=3), st.just("SKU-1"), st.none())},
        optional={"destination": places, "pickup_point": st.one_of(st.none(), codes), "at": st.just("2026-05-05")},
    ),
    st.sampled_from([None, [], "text", {}]),
)


def outcome(read: Any, body: Any) -> Any:
    try:
        return read(body)
    except ValidationError as error:
        return error.detail


@given(bodies)
def test_a_body_is_read_as_the_serializer_reads_it(body: Any) -> None:
    assert outcome(enquired, body) == outcome(lambda data: validated(EnquirySerializer, data), body)


def test_what_nearly_every_body_is_needs_no_serializer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("oms.orchestration.api.enquiries.validated")
    there = {"country": "FR", "postcode": "59800", "latitude": 50.64, "longitude": 3.06}
    body = {"channel": "web", "lines": [{"sku": "SKU-1", "quantity": 2}], "destination": there}
    assert enquired(body)["lines"] == [{"sku": "SKU-1", "quantity": 2}]
    assert enquired({**body, "destination": None, "pickup_point": "paris"})["pickup_point"] == "paris"


@pytest.fixture
def retailer(db: None) -> Retailer:
    found = open_retailer()
    found.add_points(["paris"], **PARIS)
    found.add_points(["lyon"], **LYON)
    found.add_articles(["shirt", "shoe"])
    found.report("receipt", {("shirt", "paris"): 5, ("shoe", "lyon"): 5})
    return found


def asked(retailer: Retailer, *skus: str, channel: str | None = None, status: int = 200) -> Json:
    body = {
        "channel": channel or retailer.channel,
        "lines": [{"sku": sku, "quantity": 1} for sku in skus],
        "destination": {"country": "FR", "postcode": "59800", "latitude": 50.64, "longitude": 3.06},
    }
    return answered(retailer.api.post("/delivery-promises/", body), status)


def without_tokens(quote: Json) -> Json:
    return {**quote, "options": [{**option, "token": None} for option in quote["options"]]}


def test_the_key_and_the_reading_are_all_that_is_asked(retailer: Retailer) -> None:
    first = asked(retailer, "shirt", "shoe")
    with CaptureQueriesContext(connection) as captured:
        again = asked(retailer, "shoe", "shirt", "shirt")
    read = [query["sql"] for query in captured if query["sql"].lstrip().startswith("SELECT")]
    assert len([sql for sql in read if "statement_timeout" not in sql]) == 2
    assert {each["mode"] for each in again["options"]} == {each["mode"] for each in first["options"]}
    assert without_tokens(asked(retailer, "shirt", "shoe")) == without_tokens(first)


def test_what_became_of_the_channel_and_the_articles_counts_at_once(retailer: Retailer) -> None:
    asked(retailer, "shirt")
    Variant.objects.filter(sku="shirt").update(is_active=False)
    assert asked(retailer, "shirt", status=404)["code"] == "unknown_sku"
    channel = SalesChannel.objects.get(code=retailer.channel)
    channel.code = "renamed"
    channel.save()
    assert asked(retailer, "shoe", status=404)["code"] == "unknown_channel"
    assert asked(retailer, "shoe", channel="renamed")["options"]


def test_a_key_of_another_channel_is_told_of_none(retailer: Retailer) -> None:
    asked(retailer, "shirt")
    other = SalesChannel.objects.create(code="other", name="Other", kind="web", currency="EUR")
    retailer.api = api_client(channels=[other])
    assert asked(retailer, "shirt", status=404)["code"] == "unknown_channel"


def test_a_stock_point_that_closed_since_promises_nothing(retailer: Retailer) -> None:
    asked(retailer, "shirt")
    retailer.add_points(["paris"], **{**PARIS, "is_active": False})
    assert asked(retailer, "shirt")["options"] == []


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_moment_at_the_end_of_time_is_refused(at: str) -> None:
    with pytest.raises(ValidationError) as refused:
        enquired({"channel": "web", "lines": [{"sku": "SKU-1", "quantity": 1}], "at": at})
    assert list(refused.value.detail) == ["at"]
