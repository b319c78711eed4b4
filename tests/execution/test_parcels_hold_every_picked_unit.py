from __future__ import annotations

from orders.models import Allocation, ParcelLine
from stock.models import Reservation
from tests.execution.watching import level, lines, refused, repeated, told
from tests.factories.retailer import Json, Retailer
from tests.support.holding import assert_invariants_hold


def picked(retailer: Retailer) -> Json:
    """Three shirts and a hat."""
    retailer.report("receipt", {("shirt", "lille"): 5, ("hat", "lille"): 5})
    return retailer.pick(retailer.one_work(retailer.place({"shirt": 3, "hat": 1})["number"]))


def boxes(*contents: dict[str, int]) -> Json:
    return {"parcels": [{"weight_g": 900 + place, "lines": lines(**units)} for place, units in enumerate(contents)]}


def test_one_parcel(retailer: Retailer) -> None:
    work = picked(retailer)
    packed = retailer.move(work, "pack", boxes({"shirt": 3, "hat": 1}))
    (parcel,) = packed["parcels"]
    assert (packed["state"], parcel["state"], parcel["weight_g"]) == ("packed", "label_pending", 900)
    assert {line["sku"]: line["quantity"] for line in parcel["lines"]} == {"shirt": 3, "hat": 1}
    assert {row[3] for row in retailer.slices(work["order"])} == {"packed"}
    assert_invariants_hold()


def test_a_slice_is_cut_where_it_goes_into_two_parcels(retailer: Retailer) -> None:
    work = picked(retailer)
    packed = retailer.move(work, "pack", boxes({"shirt": 2}, {"shirt": 1, "hat": 1}))
    assert [parcel["weight_g"] for parcel in packed["parcels"]] == [900, 901]
    assert retailer.slices(work["order"]) == {
        ("shirt", "lille", 2, "packed"),
        ("shirt", "lille", 1, "packed"),
        ("hat", "lille", 1, "packed"),
    }
    cut = Allocation.objects.filter(line__sku="shirt").order_by("quantity")
    assert list(cut.values_list("quantity", "picked_quantity", "reservation__quantity")) == [(1, 1, 1), (2, 2, 2)]
    assert all(slice_.parcel_lines.count() == 1 for slice_ in Allocation.objects.all())
    assert sorted(Reservation.objects.live().values_list("quantity", flat=True)) == [1, 1, 2]
    assert level("shirt", "lille") == (5, 3, 0)
    assert_invariants_hold()


def test_parcels_of_one_slice_leave_as_one_shipment_each(retailer: Retailer) -> None:
    work = picked(retailer)
    packed = retailer.move(work, "pack", boxes({"shirt": 2}, {"shirt": 1, "hat": 1}))
    retailer.drain()
    retailer.move(packed, "hand-over")
    assert level("shirt", "lille") == (2, 0, 0)
    assert level("hat", "lille") == (4, 0, 0)
    assert_invariants_hold()


def test_the_same_parcels_again_change_nothing(retailer: Retailer) -> None:
    work = picked(retailer)
    body = boxes({"shirt": 2}, {"shirt": 1, "hat": 1})
    first = retailer.move(work, "pack", body)
    assert repeated(retailer, work, "pack", body) == first
    assert told(work["order"], "fulfilment.packed") == 1
    retailer.drain()
    sent = retailer.move(work, "hand-over")
    assert repeated(retailer, work, "pack", body) == sent


def test_other_parcels_than_those_packed(retailer: Retailer) -> None:
    work = picked(retailer)
    retailer.move(work, "pack", boxes({"shirt": 3, "hat": 1}))
    problem = refused(retailer, work, "pack", boxes({"shirt": 2}, {"shirt": 1, "hat": 1}), status=409)
    assert problem["data"] == {"state": "packed"}


def test_a_unit_in_no_parcel(retailer: Retailer) -> None:
    work = picked(retailer)
    problem = refused(retailer, work, "pack", boxes({"shirt": 2, "hat": 1}), status=422)
    assert (problem["code"], problem["errors"]) == ("quantity_mismatch", {"parcels": {"shirt": ["1 in no parcel."]}})


def test_more_than_was_picked(retailer: Retailer) -> None:
    work = picked(retailer)
    problem = refused(retailer, work, "pack", boxes({"shirt": 2}, {"shirt": 2, "hat": 1}), status=422)
    assert problem["errors"] == {"parcels": {"shirt": ["1 more than picked."]}}
    problem = refused(retailer, work, "pack", boxes({"shirt": 3, "hat": 1, "sock": 1}), status=422)
    assert problem["errors"] == {"parcels": {"sock": ["1 more than picked."]}}


def test_an_article_still_to_be_picked(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 5, ("hat", "lille"): 5})
    work = retailer.one_work(retailer.place({"shirt": 3, "hat": 1})["number"])
    retailer.move(work, "pick", {"lines": lines(shirt=3)})
    problem = refused(retailer, work, "pack", boxes({"shirt": 3}), status=422)
    assert problem["errors"] == {"parcels": {"hat": ["Still to be picked."]}}


def test_nothing_in_a_parcel(retailer: Retailer) -> None:
    work = picked(retailer)
    assert refused(retailer, work, "pack", {"parcels": []}, status=422)["code"] == "invalid"
    assert refused(retailer, work, "pack", boxes({"shirt": 3, "hat": 1}, {}), status=422)["code"] == "invalid"
    assert not ParcelLine.objects.exists()
