"""Goods come back over the counter: found, looked at, refunded or exchanged, with and without a receipt."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from oms.core.models import User
from returns.models import ManagerPin, Return
from returns.services.approving import set_pin
from tests.factories.retailer import Json, answered
from tests.returns.conftest import Counter, open_counter
from tests.store.furnished import routes
from tests.store.making import send, told, words
from tests.store.people import PASSWORD, person, tablet
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db
RETURNS = "/store/returns/"
OF_A_RETURN = ["return", "return-exchange", "return-receipt"]
MOVES = ["return-inspect", "return-match", "return-cancel", "return-refund"]


@pytest.fixture
def counter(db: None) -> Counter:
    return open_counter()


@pytest.fixture
def paris(counter: Counter) -> Client:
    return tablet(stock_points=("paris",))


def begun(paris: Client, order: Json, units: int = 1) -> Return:
    """What comes back and why was said."""
    (line,) = order["lines"]
    fields = {f"units-{line['id']}": units, f"reason-{line['id']}": "too_small"}
    answer = send(paris, f"{RETURNS}order/{order['number']}/", fields)
    returned = Return.objects.latest("pk")
    assert answer["Location"] == f"{RETURNS}{returned.number}/"
    return returned


def graded(paris: Client, returned: Return, *grades: str, **fields: str) -> Any:
    (line,) = returned.lines.all()
    found = {f"grade-{line.pk}-{place}": grade for place, grade in enumerate(grades)}
    return send(paris, f"{RETURNS}{returned.number}/inspect/", found | fields)


def test_a_receipt_an_order_and_a_return_are_found_by_one_field(counter: Counter, paris: Client) -> None:
    order = counter.sold()
    for text in (order["number"], order["number"].lower(), order["external_reference"]):
        assert paris.get(RETURNS, {"q": text})["Location"] == f"{RETURNS}order/{order['number']}/"
    returned = begun(paris, order)
    assert paris.get(RETURNS, {"q": returned.number})["Location"] == f"{RETURNS}{returned.number}/"
    assert "Nothing is known under" in words(paris.get(RETURNS, {"q": "H0"}))


def test_an_article_finds_the_orders_of_this_store_only(counter: Counter, paris: Client) -> None:
    order, elsewhere = counter.sold(), counter.delivered()
    page = words(paris.get(RETURNS, {"q": "shirt"}))
    assert order["number"] in page
    assert elsewhere["number"] not in page


def test_from_the_receipt_to_the_refund(counter: Counter, paris: Client) -> None:
    order = counter.sold({"shirt": 2})
    returned = begun(paris, order)
    assert "In which condition" in words(paris.get(f"{RETURNS}{returned.number}/"))
    assert counter.level("shirt", "paris") == (3, 0, 0)
    assert "on sale again" in told(paris, graded(paris, returned, "new"))
    assert counter.level("shirt", "paris") == (4, 0, 0)
    page = words(paris.get(f"{RETURNS}{returned.number}/"))
    assert "Refund €10.00" in page
    assert "Card" in page
    receipt = told(paris, send(paris, f"{RETURNS}{returned.number}/refund/"))
    assert "Refund receipt" in receipt
    assert "on its way" in receipt
    counter.retailer.drain()
    assert "given back" in words(paris.get(f"{RETURNS}{returned.number}/receipt/"))
    assert counter.refunded(order) == ["10.00"]
    assert_invariants_hold()


def test_the_same_form_sent_twice_takes_back_once(counter: Counter, paris: Client) -> None:
    returned = begun(paris, counter.sold())
    (line,) = returned.lines.all()
    fields = {f"grade-{line.pk}-0": "new"}
    key = "5f0c1f6e-57d4-4a36-9a0c-111111111111"
    first = send(paris, f"{RETURNS}{returned.number}/inspect/", fields, key=key)
    second = send(paris, f"{RETURNS}{returned.number}/inspect/", fields, key=key)
    assert first["Location"] == second["Location"]
    assert counter.level("shirt", "paris") == (5, 0, 0)


def test_units_of_different_condition_go_different_ways(counter: Counter, paris: Client) -> None:
    returned = begun(paris, counter.sold({"shirt": 3}), units=3)
    (line,) = returned.lines.all()
    graded(paris, returned, "new", "damaged", "opened", **{f"disposition-{line.pk}-2": "warehouse"})
    found = counter.read({"number": returned.number})["lines"][0]["dispositions"]
    assert [(each["grade"], each["disposition"], each["destination"]) for each in found] == [
        ("new", "shelf", None),
        ("damaged", "repair", None),
        ("opened", "warehouse", "depot"),
    ]
    assert counter.level("shirt", "paris") == (5, 0, 2)


def test_the_customer_may_keep_everything_until_it_is_taken_back(counter: Counter, paris: Client) -> None:
    returned = begun(paris, counter.sold())
    assert "Nothing comes back" in told(paris, send(paris, f"{RETURNS}{returned.number}/cancel/"))
    assert Return.objects.get().state == "cancelled"


def test_another_article_than_bought_changes_nothing(counter: Counter, paris: Client) -> None:
    order = counter.sold()
    page = words(paris.get(f"{RETURNS}order/{order['number']}/", {"scanned": "cap"}))
    assert "“cap” is not in this order. Nothing was changed." in page
    (line,) = order["lines"]
    answer = send(
        paris, f"{RETURNS}order/{order['number']}/", {f"units-{line['id']}": "2", f"reason-{line['id']}": "x"}
    )
    assert "only 1 can come back" in told(paris, answer)
    assert Return.objects.count() == 0


def test_a_second_scan_and_a_forgotten_reason_keep_what_was_said(counter: Counter, paris: Client) -> None:
    order = counter.sold({"shirt": 2, "coat": 1})
    address = f"{RETURNS}order/{order['number']}/"
    shirt, coat = (line["id"] for line in sorted(order["lines"], key=lambda line: line["sku"], reverse=True))

    def said(query: dict[str, str]) -> dict[int, tuple[int, str]]:
        rows = paris.get(address, query, follow=True).context["rows"]
        return {row.line.line.pk: (row.units, row.reason) for row in rows}

    first = {f"units-{shirt}": "1", f"reason-{shirt}": "too_small"}
    assert said({"scanned": "shirt"}) == {shirt: (1, ""), coat: (0, "")}
    assert said({"scanned": "coat", **first}) == {shirt: (1, "too_small"), coat: (1, "")}
    assert said({"scanned": "shirt", f"units-{shirt}": "2"}) == {shirt: (2, ""), coat: (0, "")}
    assert said({f"units-{shirt}": "9", f"units-{coat}": "x"}) == {shirt: (2, ""), coat: (0, "")}
    answer = send(paris, address, {**first, f"units-{coat}": "1"})
    assert Return.objects.count() == 0
    rows = paris.get(answer["Location"]).context["rows"]
    assert {row.line.line.pk: (row.units, row.reason) for row in rows} == {shirt: (1, "too_small"), coat: (1, "")}


def test_a_page_that_is_loaded_again_after_a_scan_counts_nothing(counter: Counter, paris: Client) -> None:
    order = counter.sold({"shirt": 2})
    (line,) = order["lines"]
    once = paris.get(f"{RETURNS}order/{order['number']}/", {"scanned": "shirt"})["Location"]
    for _ in range(2):
        page = paris.get(once)
        assert [row.units for row in page.context["rows"]] == [1]
        assert "shirt: one more unit." in words(page)
    all_of_it = {"scanned": "shirt", f"units-{line['id']}": "2"}
    page = paris.get(f"{RETURNS}order/{order['number']}/", all_of_it, follow=True)
    assert [row.units for row in page.context["rows"]] == [2]
    assert "shirt: every unit that may come back is chosen already." in words(page)


def test_exchanged_for_the_same_article_no_money_moves(counter: Counter, paris: Client) -> None:
    order = counter.sold()
    returned = begun(paris, order)
    graded(paris, returned, "damaged")
    page = words(paris.get(f"{RETURNS}{returned.number}/exchange/"))
    assert "4 on this shelf" in page
    (line,) = returned.lines.all()
    receipt = told(paris, send(paris, f"{RETURNS}{returned.number}/exchange/", {f"sku-{line.variant_id}": "shirt"}))
    assert "Exchange receipt" in receipt
    assert "Taken instead Shirt" in receipt
    counter.retailer.drain()
    assert counter.level("shirt", "paris") == (4, 0, 1)
    assert counter.refunded(order) == ["0.00"]
    assert_invariants_hold()


class TestWithoutAReceipt:
    @pytest.fixture
    def manager(self, counter: Counter) -> User:
        manager = person(role="store_manager", stock_points=("paris",))
        set_pin(user=manager, pin="274951")
        return manager

    def scanned(self, paris: Client, *codes: str) -> None:
        for code in codes:
            send(paris, f"{RETURNS}blind/", {"scan": "1", "scanned": code})

    def finish(self, paris: Client, manager: User, pin: str) -> str:
        return told(paris, send(paris, f"{RETURNS}blind/", {"manager": str(manager.pk), "pin": pin}))

    def test_a_manager_stands_for_it_and_the_order_is_found_later(
        self, counter: Counter, paris: Client, manager: User
    ) -> None:
        order = counter.sold()
        self.scanned(paris, "shirt")
        assert "Taken back" in self.finish(paris, manager, "274951")
        returned = Return.objects.get()
        assert (returned.state, returned.approved_by) == ("received_unmatched", f"user:{manager.pk}")
        assert counter.level("shirt", "paris") == (5, 0, 1)
        graded(paris, returned, "new")
        assert counter.level("shirt", "paris") == (5, 0, 0)
        page = told(paris, send(paris, f"{RETURNS}{returned.number}/match/", {"order": order["number"]}))
        assert "Refund €10.00" in page
        assert_invariants_hold()

    def test_an_unknown_code_adds_nothing(self, counter: Counter, paris: Client) -> None:
        answer = send(paris, f"{RETURNS}blind/", {"scan": "1", "scanned": "nothing"})
        assert "is no article of ours. Nothing was added." in told(paris, answer)

    def test_a_wrong_pin_leaves_what_was_chosen(self, counter: Counter, paris: Client, manager: User) -> None:
        self.scanned(paris, "shirt")
        assert " selected" not in paris.get(f"{RETURNS}blind/").content.decode()
        chosen = {"manager": str(manager.pk), "pin": "000000", "reason-shirt": "changed_mind"}
        page = paris.get(send(paris, f"{RETURNS}blind/", chosen)["Location"]).content.decode()
        assert '<option value="changed_mind" selected>' in page
        assert f'<option value="{manager.pk}" selected>' in page
        assert "000000" not in page

    def test_five_wrong_pins_lock_it(self, counter: Counter, paris: Client, manager: User) -> None:
        self.scanned(paris, "shirt")
        assert "4 tries are left" in self.finish(paris, manager, "000000")
        for _ in range(4):
            self.finish(paris, manager, "000000")
        assert "Too many wrong PINs" in self.finish(paris, manager, "274951")
        assert (Return.objects.count(), ManagerPin.objects.get().failed_tries) == (0, 5)

    def test_a_manager_sets_it_with_the_password_and_only_its_hash_is_kept(self, counter: Counter) -> None:
        desk = tablet(role="store_manager", stock_points=("paris",))
        fields = {"password": PASSWORD, "pin": "274951", "again": "274951"}
        assert "not your password" in told(desk, send(desk, f"{RETURNS}pin/", fields | {"password": "wrong"}))
        assert "not guessed first" in told(
            desk, send(desk, f"{RETURNS}pin/", fields | {"pin": "123456", "again": "123456"})
        )
        assert "Your PIN is set" in told(desk, send(desk, f"{RETURNS}pin/", fields))
        assert "274951" not in ManagerPin.objects.get().pin_hash

    def test_staff_sets_none(self, counter: Counter, paris: Client) -> None:
        assert paris.get(f"{RETURNS}pin/").status_code == 403


def test_another_stores_return_is_not_found(counter: Counter, paris: Client) -> None:
    returned = begun(paris, counter.sold())
    stranger = tablet(stock_points=("lyon",))
    about = [name for name, pattern in routes().items() if name.startswith("return") and "<" in str(pattern.pattern)]
    # Any store takes back what was bought elsewhere: an order is everybody's to ask for.
    assert sorted(about) == sorted(["return-ask", *OF_A_RETURN, *MOVES])
    for page in OF_A_RETURN:
        assert stranger.get(reverse(f"store:{page}", args=[returned.number])).status_code == 404, page
    for move in (*MOVES, "return-exchange"):
        assert send(stranger, reverse(f"store:{move}", args=[returned.number])).status_code == 404, move
    assert Return.objects.get().state == "authorised"
    assert paris.get(f"{RETURNS}{returned.number}/").status_code == 200


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_takes_as_many_queries_for_many(
    counter: Counter, paris: Client, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        graded(paris, begun(paris, counter.sold()), "new")
    paris.get(RETURNS)
    with django_assert_num_queries(12):
        assert paris.get(RETURNS).status_code == 200


def test_home_counts_what_is_to_take_in_and_what_is_in_hand(counter: Counter, paris: Client) -> None:
    def counted() -> tuple[int, int]:
        numbers = {tile.name: tile.number for tile in paris.get("/store/").context["tiles"]}
        return numbers["returns-expected"], numbers["returns"]

    returned = begun(paris, counter.sold())
    assert counted() == (1, 0)
    assert returned.number in words(paris.get(f"{RETURNS}?show=expected"))
    graded(paris, returned, "new")
    assert counted() == (0, 1)


def test_what_has_no_order_yet_is_not_exchanged(counter: Counter, paris: Client) -> None:
    lines = [{"sku": "shirt", "quantity": 1, "reason": "other"}]
    answered(counter.api.post("/returns/", {"way": "blind", "stock_point": "paris", "lines": lines}), 201)
    returned = Return.objects.get()
    refused = send(paris, f"{RETURNS}{returned.number}/exchange/", {"sku-1": "shirt"})
    page = words(paris.get(refused["Location"], follow=True))
    assert "This is not possible any more" in page
    returned.refresh_from_db()
    assert returned.state == "received_unmatched"
