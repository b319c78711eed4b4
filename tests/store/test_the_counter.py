"""The counter finds whoever stands there, hands over what waits, and touches nothing of another shop."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from orders.models import Fulfilment, Pickup
from tests.execution.watching import level
from tests.factories.retailer import LYON, PARIS, Json, Retailer, answered, open_retailer
from tests.store.making import words
from tests.store.people import tablet
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db
COUNTER = "/store/counter/"


@pytest.fixture
def shop() -> Retailer:
    shop = open_retailer()
    shop.add_points(["paris"], **PARIS)
    shop.add_points(["lyon"], **LYON)
    shop.add_articles(["shirt", "hat"])
    shop.report("receipt", {("shirt", "paris"): 50, ("hat", "paris"): 5, ("shirt", "lyon"): 50})
    return shop


@pytest.fixture
def paris(shop: Retailer) -> Client:
    return tablet(stock_points=("paris",))


def ready(shop: Retailer, *, name: str = "Camille Martin", phone: str = "+33320000000", **lines: int) -> Json:
    customer = {"name": name, "phone": phone, "email": "camille@example.org"}
    order = shop.place(lines or {"shirt": 1}, mode="pickup", pickup_point="paris", customer=customer)
    return shop.pick(shop.accept(shop.one_work(order["number"])))


def told(response: object) -> list[str]:
    return [str(each) for each in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def page_of(work: Json) -> str:
    return f"{COUNTER}{work['id']}/"


def handed(client: Client, work: Json, **fields: str) -> object:
    return client.post(page_of(work), {"action_key": str(uuid.uuid4()), "check": "code"} | fields)


@pytest.mark.parametrize("by", ["number", "lower number", "qr", "code", "name", "phone", "local phone"])
def test_one_field_finds_the_customer(shop: Retailer, paris: Client, by: str) -> None:
    ready(shop, name="Somebody Else", phone="+33699999999")
    work = ready(shop)
    text = {
        "number": work["order"],
        "lower number": work["order"].lower(),
        "qr": f"H:{work['order']}:{shop.code_for(work)}",
        "code": shop.code_for(work),
        "name": "martin",
        "phone": "+33 3 20 00 00 00",
        "local phone": "0320000000",
    }[by]
    assert paris.get(COUNTER, {"q": text})["Location"] == page_of(work)


def test_a_code_that_was_read_need_not_be_typed(shop: Retailer, paris: Client) -> None:
    work = ready(shop)
    other = ready(shop)
    paris.get(COUNTER, {"q": f"H:{work['order']}:{shop.code_for(work)}"})
    assert paris.get(page_of(work)).context["code"] == shop.code_for(work)
    assert paris.get(page_of(other)).context["code"] == ""


def test_what_is_not_here_is_said_to_be_not_here(shop: Retailer, paris: Client) -> None:
    response = paris.get(COUNTER, {"q": "nobody"})
    assert (response.status_code, response.context["rows"]) == (200, [])


def test_some_are_taken_and_the_rest_goes_back(shop: Retailer, paris: Client) -> None:
    work = ready(shop, shirt=3, hat=1)
    rows = {allocation.line.sku: allocation.pk for allocation, *_ in paris.get(page_of(work)).context["rows"]}
    handed(paris, work, code=shop.code_for(work), **{f"taken-{rows['shirt']}": "2"})
    assert (level("shirt", "paris"), level("hat", "paris")) == ((48, 0, 0), (4, 0, 0))
    assert Fulfilment.objects.get(pk=work["id"]).state == "completed"
    assert_invariants_hold()


def test_what_was_handed_over_stays_to_be_read(shop: Retailer, paris: Client) -> None:
    work = ready(shop, shirt=2)
    page = paris.get(handed(paris, work, check="document")["Location"])  # type: ignore[index]
    assert "2 × " in page.content.decode()
    assert "Handed over on" in page.content.decode()
    assert "The person was known by: " in words(page)
    assert "Kept until" not in words(page)


def test_what_is_only_put_aside_says_what_is_to_be_paid(shop: Retailer, paris: Client) -> None:
    customer = {"name": "Camille Martin", "email": "camille@example.org"}
    order = shop.place({"shirt": 2}, mode="e_reservation", pickup_point="paris", payments=[], customer=customer)
    work = shop.pick(shop.accept(shop.one_work(order["number"])))
    assert "To be paid at the till €20.00" in words(paris.get(page_of(work)))
    done = paris.get(handed(paris, work, check="document")["Location"])  # type: ignore[index]
    assert "till" not in words(done)


def test_a_wrong_code_says_how_many_tries_are_left_and_moves_nothing(shop: Retailer, paris: Client) -> None:
    work = ready(shop)
    wrong = f"{(int(shop.code_for(work)) + 1) % 1_000_000:06d}"
    response = handed(paris, work, code=wrong)
    assert response["Location"].startswith(page_of(work))  # type: ignore[index]
    assert told(response) == ["This is not the code. 4 tries are left."]
    assert level("shirt", "paris") == (50, 1, 0)


def test_a_wrong_code_leaves_what_was_typed(shop: Retailer, paris: Client) -> None:
    work = ready(shop, shirt=3, hat=1)
    rows = {allocation.line.sku: allocation.pk for allocation, *_ in paris.get(page_of(work)).context["rows"]}
    typed = {f"taken-{rows['shirt']}": "2", f"taken-{rows['hat']}": "0", "is_by_proxy": "on"}
    wrong = f"{(int(shop.code_for(work)) + 1) % 1_000_000:06d}"
    back = handed(paris, work, code=wrong, **typed)["Location"]  # type: ignore[index]
    page = paris.get(back)
    assert {allocation.line.sku: taken for allocation, _, taken in page.context["rows"]} == {"shirt": 2, "hat": 0}
    assert (page.context["check"], page.context["is_by_proxy"]) == ("code", True)
    assert wrong not in back


@pytest.mark.parametrize("slip", ["", "12345", "abcdef"])
def test_what_cannot_be_a_code_costs_none_of_the_five_tries(shop: Retailer, paris: Client, slip: str) -> None:
    work = ready(shop)
    response = handed(paris, work, code=slip)
    assert "Type the six digits" in told(response)[0]
    assert Pickup.objects.get(fulfilment_id=work["id"]).failed_tries == 0
    assert level("shirt", "paris") == (50, 1, 0)


@pytest.mark.parametrize("fields", [{"check": "a hunch"}, {"check": "document", "taken": "two"}])
def test_what_cannot_be_understood_moves_nothing(shop: Retailer, paris: Client, fields: dict[str, str]) -> None:
    work = ready(shop)
    if fields.pop("taken", None):
        ((allocation, *_),) = paris.get(page_of(work)).context["rows"]
        fields[f"taken-{allocation.pk}"] = "two"
    handed(paris, work, **fields)
    assert Fulfilment.objects.get(pk=work["id"]).state == "ready_for_pickup"


def test_a_lost_reply_is_asked_for_again_and_hands_over_once(shop: Retailer, paris: Client) -> None:
    work = ready(shop)
    fields = {"action_key": str(uuid.uuid4()), "check": "document"}
    first, second = (paris.post(page_of(work), fields) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert level("shirt", "paris") == (49, 0, 0)
    assert Pickup.objects.get().identity_check == "document"


def test_nobody_came(shop: Retailer, paris: Client) -> None:
    work = ready(shop, shirt=2)
    assert "2 units go back on sale" in paris.get(f"{page_of(work)}put-back/").content.decode()
    assert paris.post(f"{page_of(work)}put-back/")["Location"] == COUNTER
    assert level("shirt", "paris") == (50, 0, 0)
    assert "went back on sale" in paris.get(page_of(work)).content.decode()


def test_parcels_are_received_by_scanning_their_label(shop: Retailer) -> None:
    shop.report("adjustment", {("shirt", "paris"): -50})
    order = shop.place({"shirt": 1}, mode="ship_to_store", pickup_point="paris")
    (parcel,) = shop.ship(shop.one_work(order["number"]))["parcels"]
    paris = tablet(stock_points=("paris",))
    page = paris.get(reverse("store:receive"))
    assert [row.fulfilment.order.number for row in page.context["rows"]] == [order["number"]]
    response = paris.post(reverse("store:receive"), {"scanned": "NOT-A-PARCEL"})
    assert told(response) == [
        "Neither a parcel nor an article on its way to this store: “NOT-A-PARCEL”. Nothing was changed."
    ]
    paris.post(reverse("store:receive"), {"scanned": parcel["tracking_number"].lower()})
    assert shop.one_work(order["number"])["state"] == "ready_for_pickup"
    again = paris.post(reverse("store:receive"), {"scanned": parcel["tracking_number"]})
    assert told(again)[-1] == f"Order {order['number']} was received before."


def test_of_several_parcels_each_is_scanned_and_the_customer_is_told_with_the_last(shop: Retailer) -> None:
    shop.report("adjustment", {("shirt", "paris"): -50})
    order = shop.place({"shirt": 2}, mode="ship_to_store", pickup_point="paris")
    work = shop.pick(shop.accept(shop.one_work(order["number"])))
    parcels = [{"weight_g": 300, "lines": [{"sku": "shirt", "quantity": 1}]}] * 2
    answered(shop.api.post(f"/fulfilments/{work['id']}/pack/", {"parcels": parcels}), 200)
    shop.drain()
    sent = answered(shop.api.post(f"/fulfilments/{work['id']}/hand-over/", {}), 200)
    first, second = (parcel["tracking_number"] for parcel in sent["parcels"])
    # What the carrier says of the other one is no scan.
    answered(shop.tell(second, "delivered"), 200)
    shop.drain()
    paris = tablet(stock_points=("paris",))
    said = told(paris.post(reverse("store:receive"), {"scanned": first}))[-1]
    assert said.endswith("put it aside; its other parcels are still on their way.")
    assert shop.one_work(order["number"])["state"] == "handed_over"
    assert Pickup.objects.count() == 0
    again = told(paris.post(reverse("store:receive"), {"scanned": first}))[-1]
    assert again == f"Order {order['number']} was received before."
    said = told(paris.post(reverse("store:receive"), {"scanned": second}))[-1]
    assert said.endswith("the customer is being told.")
    assert shop.one_work(order["number"])["state"] == "ready_for_pickup"
    assert_invariants_hold()


def test_another_shop_finds_nothing(shop: Retailer) -> None:
    work = ready(shop)
    lyon = tablet(stock_points=("lyon",))
    for address in (page_of(work), f"{page_of(work)}put-back/"):
        assert lyon.get(address).status_code == 404
        assert lyon.post(address, {"check": "document"}).status_code == 404
    assert lyon.get(COUNTER, {"q": work["order"]}).context["rows"] == []
    assert Fulfilment.objects.get(pk=work["id"]).state == "ready_for_pickup"


def test_the_list_takes_as_many_queries_for_one_as_for_ten(
    shop: Retailer, paris: Client, django_assert_max_num_queries: object
) -> None:
    ready(shop)
    paris.get(COUNTER)
    with django_assert_max_num_queries(18) as one:  # type: ignore[operator]
        assert len(paris.get(COUNTER).context["rows"]) == 1
    for _ in range(9):
        ready(shop)
    with django_assert_max_num_queries(18) as ten:  # type: ignore[operator]
        assert len(paris.get(COUNTER).context["rows"]) == 10
    assert len(one) == len(ten)
