"""What people and programs do with transfers that were proposed, and what they see of purchases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oms.core import clock
from oms.core.days import day_text
from oms.core.money import money_text
from oms.core.today import today as the_day_it_is
from stock.models import PurchaseProposal, Transfer
from stock.services.replenishing import replenish_stock
from tests.admin.people import signed_in
from tests.factories.clients import api_client
from tests.stock.making import figures, make_point, make_variant, receive

pytestmark = pytest.mark.django_db

LIST = "admin:stock_transfer_changelist"


@pytest.fixture
def world():
    depot, paris = make_point("DEPOT", kind="warehouse"), make_point("PARIS")
    return depot, paris, [ran_out(depot, paris) for _ in range(2)]


def ran_out(depot, paris):
    variant = make_variant()
    receive(variant, depot, 50)
    receive(variant, paris, 28, occurred_at=clock.now() - timedelta(days=20))
    receive(variant, paris, -28, kind="sale", occurred_at=clock.now() - timedelta(days=1))
    return variant


def chosen(client, action, *transfers):
    data = {"action": action, "_selected_action": [str(each.pk) for each in transfers]}
    return client.post(reverse(LIST), data, follow=True)


def test_a_merchandiser_accepts_many_at_once_and_is_told_what_could_not_be(world):
    depot, _, shirts = world
    replenish_stock()
    first, second = Transfer.objects.order_by("variant_id")
    receive(shirts[1], depot, -45, kind="damage")
    merchandiser = signed_in("merchandiser")
    assert "PARIS has none left to sell" in merchandiser.get(reverse(LIST)).content.decode()
    page = chosen(merchandiser, "accept_chosen", first, second).content.decode()
    assert "1 transfer: done." in page and "There is not enough stock" in page
    assert figures(shirts[0], depot) == (50, 20, 0)
    assert "this transfer is accepted" in chosen(merchandiser, "accept_chosen", first).content.decode().lower()
    assert figures(shirts[0], depot) == (50, 20, 0)
    detail = merchandiser.get(reverse("admin:stock_transfer_change", args=[first.pk])).content.decode()
    assert "lacking: 20" in detail


def test_a_store_sends_and_receives_and_does_not_accept(world):
    _, paris, shirts = world
    replenish_stock()
    transfer = Transfer.objects.order_by("variant_id").first()
    manager = signed_in("store_manager", store="PARIS")
    chosen(manager, "accept_chosen", transfer)
    transfer.refresh_from_db()
    assert transfer.state == "proposed"
    office = signed_in("head_office")
    chosen(office, "accept_chosen", transfer)
    chosen(office, "ship_chosen", transfer)
    chosen(manager, "receive_chosen", transfer)
    transfer.refresh_from_db()
    assert (transfer.state, transfer.received_quantity) == ("received", 20)
    assert figures(shirts[0], paris) == (20, 0, 0)


def test_the_list_asks_the_same_queries_however_many_there_are(world):
    depot, paris, _ = world
    replenish_stock()
    office = signed_in("head_office")
    office.get(reverse(LIST))
    with CaptureQueriesContext(connection) as few:
        office.get(reverse(LIST))
    for _ in range(4):
        ran_out(depot, paris)
    replenish_stock()
    with CaptureQueriesContext(connection) as many:
        office.get(reverse(LIST))
    assert Transfer.objects.count() == 6
    assert len(many) == len(few)


def test_programs_follow_a_transfer_to_its_end(world):
    _, paris, shirts = world
    replenish_stock()
    reader, decider, mover = api_client("stock:read"), api_client("config:write"), api_client("stock:write")
    (told,) = reader.get("/transfers/", sku=shirts[0].sku, state="proposed").json()["results"]
    assert (told["giver"], told["receiver"], told["quantity"], told["source"]) == ("DEPOT", "PARIS", 20, "warehouse")
    assert told["figures"]["target"] == 20 and "PARIS has none left" in told["why"]
    address = f"/transfers/{told['reference']}/"
    assert decider.post(f"{address}accept/", {"quantity": 21}).status_code == 422
    assert decider.post(f"{address}accept/", {"quantity": 12}).json()["state"] == "accepted"
    refused = decider.post(f"{address}accept/", {})
    assert (refused.status_code, refused.json()["data"]) == (409, {"state": "accepted"})
    assert mover.post(f"{address}ship/", {}).json()["shipped_quantity"] == 12
    assert mover.post(f"{address}receive/", {"quantity": 11, "is_last": True}).json()["state"] == "received"
    assert figures(shirts[0], paris) == (11, 0, 0)
    assert reader.get(address).json()["received_quantity"] == 11


def test_programs_read_by_when_purchases_are_due(world):
    _, paris, shirts = world
    replenish_stock()
    reader = api_client("stock:read")
    rows = reader.get("/purchase-proposals/", sku=shirts[0].sku).json()["results"]
    assert [(row["sold"], row["here"], row["lead_days"]) for row in rows] == [(28, 50, 21)]
    for day, proposal in enumerate(PurchaseProposal.objects.order_by("pk"), start=1):
        PurchaseProposal.objects.filter(pk=proposal.pk).update(order_by=the_day_it_is() + timedelta(days=day))
    days = [row["order_by"] for row in reader.get("/purchase-proposals/").json()["results"]]
    assert days == sorted(days), "the most pressing first"
    assert len(days) > 1
    assert reader.get("/purchase-proposals/", order_by="2000-01-01").json()["results"] == []
    assert api_client("stock:read", stock_points=[paris]).get("/purchase-proposals/").json()["results"] == []
    page = signed_in("merchandiser").get(reverse("admin:stock_purchaseproposal_changelist")).content.decode()
    assert shirts[0].sku in page


def test_on_its_own_page_a_transfer_is_accepted_sent_and_received(world):
    replenish_stock()
    transfer = Transfer.objects.order_by("variant_id").first()
    page, move = (reverse(f"admin:stock_transfer_{name}", args=[transfer.pk]) for name in ("change", "move"))
    office, manager = signed_in("head_office"), signed_in("store_manager", store="PARIS")
    assert 'value="accept"' in office.get(page).content.decode()
    assert money_text(transfer.unit_cost, "EUR") in office.get(page).content.decode()
    assert str(transfer.unit_cost) not in office.get(page).content.decode()
    assert 'value="accept"' not in manager.get(page).content.decode()
    assert manager.post(move, {"move": "accept"}).status_code == 403
    assert office.get(move)["Location"] == page
    transfer.refresh_from_db()
    assert transfer.state == "proposed"
    accepted = office.post(move, {"move": "accept"}, follow=True).content.decode()
    assert "1 transfer: done." in accepted
    assert 'value="accept"' not in accepted and 'value="cancel"' in accepted
    office.post(move, {"move": "ship"})
    manager.post(move, {"move": "receive"})
    transfer.refresh_from_db()
    assert (transfer.state, transfer.received_quantity) == ("received", 20)
    assert "halles-button" not in office.get(page).content.decode()


def test_another_stores_transfer_is_not_found(world):
    make_point("NICE")
    replenish_stock()
    transfer = Transfer.objects.first()
    stranger = signed_in("store_manager", store="NICE")
    answer = stranger.post(reverse("admin:stock_transfer_move", args=[transfer.pk]), {"move": "receive"})
    assert answer.status_code == 404


def test_purchases_that_are_far_away_are_shown_to_who_asks_for_everything(world):
    replenish_stock()
    sku = world[2][0].sku
    PurchaseProposal.objects.filter(variant=world[2][0]).update(order_by=date(2036, 1, 1))
    merchandiser, address = signed_in("merchandiser"), reverse("admin:stock_purchaseproposal_changelist")
    assert sku not in merchandiser.get(address).content.decode()
    assert sku not in merchandiser.get(address, {"due": "now"}).content.decode()
    everything = merchandiser.get(address, {"due": "all"}).content.decode()
    assert sku in everything
    assert "there is" in everything.lower()


def test_purchases_that_are_late_are_marked_and_what_was_learned_is_told_in_words(world):
    replenish_stock()
    first, second = PurchaseProposal.objects.order_by("pk")
    yesterday, today = the_day_it_is() - timedelta(days=1), the_day_it_is()
    PurchaseProposal.objects.filter(pk=first.pk).update(order_by=yesterday, lead_cases=0, lead_days=21)
    PurchaseProposal.objects.filter(pk=second.pk).update(order_by=today, lead_cases=3)
    page = signed_in("merchandiser").get(reverse("admin:stock_purchaseproposal_changelist")).content.decode()
    assert page.count('<span class="halles-badge halles-badge--danger">late</span>') == 1
    assert f'{day_text(yesterday)} <span class="halles-badge halles-badge--danger">late</span>' in page
    assert "none yet: 21 days assumed" in page and "3 purchases" in page


def test_urgent_transfers_that_are_not_sent_come_first(world):
    replenish_stock()
    first, second = Transfer.objects.order_by("pk")
    Transfer.objects.filter(pk=first.pk).update(is_urgent=True)
    Transfer.objects.filter(pk=second.pk).update(is_urgent=False)
    merchandiser = signed_in("merchandiser")

    def listed():
        return [each.pk for each in merchandiser.get(reverse(LIST)).context["cl"].result_list]

    assert listed() == [first.pk, second.pk]
    chosen(merchandiser, "reject_chosen", first)
    assert listed() == [second.pk, first.pk]
