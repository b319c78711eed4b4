"""Fault 23: whatever the carrier does, one label is bought, with the key stored before it was asked."""

from __future__ import annotations

from typing import Any

import pytest

from orders import carriers
from orders.carriers.house import HouseCarrier
from orders.carriers.protocol import CarrierRefused, CarrierUnavailable, Label, LabelRequest
from orders.models import Label as KeptLabel
from orders.models import Order, Parcel
from orders.services.labelling import make_label
from tests.execution.watching import nothing_moves, refused, told
from tests.factories.retailer import Json, Retailer, totals
from tests.support.holding import assert_invariants_hold


class Carrier:
    """The house carrier behind a line that fails as planned; its books are what was asked of it."""

    def __init__(self, *failures: Exception | None, is_bought_anyway: bool = False) -> None:
        self.failures = list(failures)
        self.is_bought_anyway = is_bought_anyway
        self.asked: list[LabelRequest] = []
        self.books: dict[str, Label] = {}

    def buy(self, request: LabelRequest) -> Label:
        self.asked.append(request)
        failure = self.failures.pop(0) if self.failures else None
        if failure is None or self.is_bought_anyway:
            self.books.setdefault(request.reference, HouseCarrier().buy(request))
        if failure is not None:
            raise failure
        return self.books[request.reference]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    def connect(carrier: Carrier) -> Carrier:
        monkeypatch.setattr(carriers, "named", lambda name: carrier)
        return carrier

    return connect


def packed(retailer: Retailer) -> Json:
    """Packed into one parcel; nobody has heard of it yet."""
    retailer.report("receipt", {("shirt", "lille"): 5})
    work = retailer.pick(retailer.one_work(retailer.place({"shirt": 2})["number"]))
    return retailer.move(work, "pack", {"parcels": [{"weight_g": 800, "lines": totals(work)}]})


def test_the_task_run_twice(retailer: Retailer, at: Any) -> None:
    work = packed(retailer)
    carrier = at(Carrier())
    (parcel,) = work["parcels"]
    make_label(parcel_id=parcel["id"])
    with nothing_moves():
        make_label(parcel_id=parcel["id"])
    retailer.drain()
    assert len(carrier.asked) == 1
    assert KeptLabel.objects.count() == 1
    assert told(work["order"], "parcel.labelled") == 1


def test_a_carrier_that_does_not_answer_and_comes_back(retailer: Retailer, at: Any) -> None:
    work = packed(retailer)
    carrier = at(Carrier(CarrierUnavailable(), CarrierUnavailable(), is_bought_anyway=True))
    parcel = Parcel.objects.get(pk=work["parcels"][0]["id"])
    for _ in range(2):
        with nothing_moves(), pytest.raises(CarrierUnavailable):
            make_label(parcel_id=parcel.pk)
    make_label(parcel_id=parcel.pk)
    assert len(carrier.asked) == 3
    assert set(carrier.asked) == {carrier.asked[0]}
    assert list(carrier.books) == [str(parcel.label_key)]
    parcel.refresh_from_db()
    assert (parcel.state, parcel.tracking_number) == (
        "labelled",
        carrier.books[str(parcel.label_key)].tracking_number,
    )
    assert_invariants_hold()


def test_a_refusal_is_written_for_a_person(retailer: Retailer, at: Any) -> None:
    work = packed(retailer)
    at(Carrier(CarrierRefused("The postcode is not served.")))
    parcel = Parcel.objects.get(pk=work["parcels"][0]["id"])
    make_label(parcel_id=parcel.pk)
    parcel.refresh_from_db()
    assert (parcel.state, parcel.label_error) == ("label_pending", "The postcode is not served.")
    assert Order.objects.get().needs_attention == "Label refused: The postcode is not served."
    assert told(work["order"], "parcel.label_refused") == 1
    assert not KeptLabel.objects.exists()
    problem = refused(retailer, work, "hand-over", status=425)
    assert problem["code"] == "label_pending"
    pending = retailer.api.get(f"/parcels/{parcel.pk}/label/")
    assert (pending.status_code, pending.json()["data"]) == (425, {"error": "The postcode is not served."})


def test_after_a_refusal_it_can_be_asked_again(retailer: Retailer, at: Any) -> None:
    work = packed(retailer)
    at(Carrier(CarrierRefused("Not today.")))
    parcel = Parcel.objects.get(pk=work["parcels"][0]["id"])
    make_label(parcel_id=parcel.pk)
    make_label(parcel_id=parcel.pk)
    parcel.refresh_from_db()
    assert (parcel.state, parcel.label_error) == ("labelled", "")


def test_a_parcel_cancelled_meanwhile_gets_none(retailer: Retailer, at: Any) -> None:
    work = packed(retailer)
    carrier = at(Carrier())
    assert retailer.api.post(f"/orders/{work['order']}/cancel/", {}).status_code == 200
    retailer.drain()
    assert carrier.asked == []
    assert Parcel.objects.get().state == "cancelled"
    assert retailer.api.get(f"/parcels/{work['parcels'][0]['id']}/label/").status_code == 404
    assert_invariants_hold()
