"""What a service refuses is told on the admin's pages in the language of who asked; the API's own English stays."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from oms.core.models import User
from oms.core.services.relaying import drain_events
from oms.orchestration.models import RuleSet
from oms.orchestration.services.rule_sets import publish, save_draft
from orders.models import Order, OrderBatch, OrderBatchRow
from orders.services.batching import start_batch
from orders.services.cancelling import cancel_order
from orders.services.holding import hold_order
from tests.admin.people import signed_in
from tests.factories.clients import api_client
from tests.orchestration.builders import a_document
from tests.orders.conftest import Shop
from tests.orders.making import place

IN_FRENCH = [
    ("held", "Cette commande est déjà suspendue."),
    ("cancelled", "Cette commande est maintenant\xa0: Annulée."),
]


@pytest.fixture
def service(db: None) -> Client:
    return signed_in("customer_service", language="fr")


def test_the_form_of_a_bulk_action_says_what_it_lacks(shop: Shop, service: Client) -> None:
    place(shop.channel, {shop.skus[0]: 1})
    asked = {"action": "assign", "reason": "", "stock_point": ""}
    page = service.post(reverse("admin:orders_order_batch"), asked).content.decode()
    assert "Dites pourquoi." in page
    page = service.post(reverse("admin:orders_order_batch"), {**asked, "reason": "inondé"}).content.decode()
    assert "Dites où." in page


@pytest.mark.parametrize(("state", "told"), IN_FRENCH)
def test_each_row_of_a_bulk_action_says_why_it_was_refused(shop: Shop, service: Client, state: str, told: str) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    if state == "held":
        hold_order(order_id=order.pk, reason="asked")
    else:
        cancel_order(order_id=order.pk, reason="asked")
    start_batch(action="hold", orders=Order.objects.all(), reason="stocktaking")
    drain_events()
    assert told in service.get(reverse("admin:orders_orderbatchrow_changelist")).content.decode()
    row = OrderBatchRow.objects.get()
    assert told in service.get(reverse("admin:orders_orderbatchrow_change", args=[row.pk])).content.decode()
    answer = api_client("orders:write").post(f"/orders/{order.number}/hold/", {"reason": "asked"})
    assert (answer.status_code, answer.json()["detail"]) == (409, row.detail)


def test_who_asked_for_a_bulk_action_is_told_by_name(shop: Shop, service: Client) -> None:
    place(shop.channel, {shop.skus[0]: 1})
    user = User.objects.get(username="customer_service-None")
    user.first_name, user.last_name = "Léa", "Moreau"
    user.save()
    service.post(reverse("admin:orders_order_batch"), {"action": "hold", "reason": "inondé", "stock_point": ""})
    batch = OrderBatch.objects.get()
    pages = [reverse("admin:orders_orderbatch_changelist"), reverse("admin:orders_orderbatch_change", args=[batch.pk])]
    for page in pages:
        shown = service.get(page).content.decode()
        assert "Léa Moreau" in shown and batch.asked_by not in shown


def test_the_page_before_publishing_says_why_it_cannot_be(db: None) -> None:
    save_draft(code="web", document=a_document("web"))
    publish(code="web")
    address = reverse("admin:orchestration_ruleset_move_publish", args=[RuleSet.objects.get().pk, 1])
    page = signed_in("head_office", language="fr").post(address, {"at": ""})
    assert page.context["form"].non_field_errors() == ["Ce jeu de règles n’a pas de brouillon à publier."]
