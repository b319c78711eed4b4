from __future__ import annotations

from tests.execution.watching import level, lines, refused, repeated, told
from tests.factories.retailer import Json, Retailer
from tests.support.holding import assert_invariants_hold


def asked(retailer: Retailer) -> Json:
    """Two shirts and a hat at one warehouse."""
    retailer.report("receipt", {("shirt", "lille"): 5, ("hat", "lille"): 5})
    return retailer.one_work(retailer.place({"shirt": 2, "hat": 1})["number"])


def picked(work: Json) -> dict[str, int]:
    return {line["sku"]: line["picked"] for line in work["lines"]}


def test_exactly_what_was_asked(retailer: Retailer) -> None:
    work = asked(retailer)
    found = retailer.move(work, "pick", {"lines": lines(shirt=2, hat=1)})
    assert (found["state"], picked(found)) == ("picking", {"shirt": 2, "hat": 1})
    assert {row[3] for row in retailer.slices(work["order"])} == {"picked"}
    assert level("shirt", "lille") == (5, 2, 0)
    assert_invariants_hold()


def test_one_article_after_the_other(retailer: Retailer) -> None:
    work = asked(retailer)
    first = retailer.move(work, "pick", {"lines": lines(shirt=2)})
    assert (first["state"], picked(first)) == ("picking", {"shirt": 2, "hat": 0})
    second = retailer.move(work, "pick", {"lines": lines(hat=1)})
    assert picked(second) == {"shirt": 2, "hat": 1}
    assert_invariants_hold()


def test_totals_may_name_what_was_picked_before(retailer: Retailer) -> None:
    work = asked(retailer)
    retailer.move(work, "pick", {"lines": lines(shirt=2)})
    assert picked(retailer.move(work, "pick", {"lines": lines(shirt=2, hat=1)})) == {"shirt": 2, "hat": 1}


def test_the_same_totals_again_change_nothing(retailer: Retailer) -> None:
    work = asked(retailer)
    first = retailer.move(work, "pick", {"lines": lines(shirt=2, hat=1)})
    assert repeated(retailer, work, "pick", {"lines": lines(shirt=2, hat=1)}) == first
    assert repeated(retailer, work, "pick", {"lines": lines(hat=1)}) == first
    packed = retailer.pack(work)
    assert repeated(retailer, work, "pick", {"lines": lines(shirt=2, hat=1)}) == packed
    assert told(work["order"], "fulfilment.picked") == 1


def test_a_sku_named_twice_is_added_up(retailer: Retailer) -> None:
    work = asked(retailer)
    assert picked(retailer.move(work, "pick", {"lines": [*lines(shirt=1), *lines(shirt=1)]}))["shirt"] == 2


def test_recorded_totals_are_final(retailer: Retailer) -> None:
    work = asked(retailer)
    retailer.move(work, "pick", {"lines": lines(shirt=2)})
    problem = refused(retailer, work, "pick", {"lines": lines(shirt=1)}, status=422)
    assert (problem["code"], problem["errors"]) == (
        "quantity_mismatch",
        {"lines": {"shirt": ["Not to be picked here."]}},
    )


def test_more_than_asked(retailer: Retailer) -> None:
    work = asked(retailer)
    problem = refused(retailer, work, "pick", {"lines": lines(shirt=3, hat=1)}, status=422)
    assert (problem["code"], problem["errors"]) == ("quantity_mismatch", {"lines": {"shirt": ["1 more than asked."]}})


def test_an_unknown_sku(retailer: Retailer) -> None:
    work = asked(retailer)
    for units in (0, 1):
        problem = refused(retailer, work, "pick", {"lines": lines(shirt=2, sock=units)}, status=422)
        assert problem["errors"] == {"lines": {"sock": ["Not to be picked here."]}}


def test_work_that_nobody_accepted(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "paris"): 5})
    work = retailer.one_work(retailer.place({"shirt": 2})["number"])
    problem = refused(retailer, work, "pick", {"lines": lines(shirt=2)}, status=409)
    assert problem["data"] == {"state": "offered"}
