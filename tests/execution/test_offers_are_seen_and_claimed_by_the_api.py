"""Each store's own key sees its own offer with the articles, claims it, or is told who was faster."""

from __future__ import annotations

from typing import Any

import pytest

from stock.models import StockPoint
from tests.execution.test_the_first_to_claim_an_offer_gets_it import Town
from tests.factories.clients import Api, api_client

pytestmark = pytest.mark.django_db


def key_of(store: StockPoint) -> Api:
    return api_client("fulfilments:write", stock_points=[store])


def offered_to(api: Api, store: StockPoint) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/fulfilments/", stock_point=store.code, state="offered").json()["results"]
    return found


def test_the_first_to_claim_wins_and_the_others_learn_who_and_when() -> None:
    town = Town()
    order = town.order(2)
    planned, other, third = (key_of(store) for store in town.stores[:3])
    (seen,) = offered_to(other, town.stores[1])
    assert (seen["order"], seen["stock_point"], seen["state"]) == (order.number, town.stores[1].code, "offered")
    assert [(line["sku"], line["quantity"]) for line in seen["lines"]] == [(town.article.sku, 2)]
    late = [offered_to(api, store)[0]["id"] for api, store in ((planned, town.stores[0]), (third, town.stores[2]))]

    won = other.post(f"/fulfilments/{seen['id']}/claim/")
    assert (won.status_code, won.json()["state"], won.json()["stock_point"]) == (200, "accepted", town.stores[1].code)
    assert [line["quantity"] for line in won.json()["lines"]] == [2]
    assert other.post(f"/fulfilments/{seen['id']}/claim/").status_code == 200
    for api, pk in zip((planned, third), late, strict=True):
        lost = api.post(f"/fulfilments/{pk}/claim/")
        assert (lost.status_code, lost.json()["code"]) == (409, "offer_taken")
        assert lost.json()["data"] == {
            "claimed_by": won.json()["accepted_by"],
            "claimed_at": lost.json()["data"]["claimed_at"],
        }
    assert offered_to(planned, town.stores[0]) == []


def test_a_stores_key_cannot_claim_anothers_offer() -> None:
    town = Town()
    order = town.order()
    theirs = town.offer(order, 1).pk
    assert key_of(town.stores[2]).post(f"/fulfilments/{theirs}/claim/").status_code == 404
    assert key_of(town.stores[1]).post(f"/fulfilments/{theirs}/claim/").status_code == 200
