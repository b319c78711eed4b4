"""Every object's pages in the admin: a person of another store finds nothing, however many permissions they have."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.urls import get_resolver, reverse

from oms.core import clock
from oms.core.models import User
from oms.core.today import today as the_day_it_is
from oms.integrations.models import Notification
from oms.orchestration.models import (
    CarrierService,
    LearnedPreparation,
    LearnedTransit,
    LearningPolicy,
    PickUpTimes,
    RuleSet,
    SourcingRun,
)
from orders.models import Fulfilment, Order, OrderBatch, OrderBatchRow, Parcel, Payment, PromiseAlert
from orders.services.batching import start_batch
from orders.states import AlertStage, Audience, Milestone
from returns.models import Return
from stock.models import (
    ChannelAllotment,
    ExpectedReceipt,
    LevelDifference,
    ProtectionRule,
    PurchaseProposal,
    Reservation,
    SalesChannel,
    StockCount,
    StockImport,
    StockLevel,
    StockMovement,
    StockPoint,
    StockPointMember,
    Transfer,
    Unavailability,
    Variant,
)
from stock.services.reconciling import reconcile_stock
from tests.api.routes import patterns
from tests.api.scoping import expected
from tests.api.world import World, aside_row

pytestmark = pytest.mark.django_db


def _of_order(model: type[Model], path: str = "order") -> Callable[[World], Model]:
    def found(world: World) -> Model:
        number = world.placed()["number"]
        return model._default_manager.filter(**{f"{path}__number" if path else "number": number}).latest("pk")

    return found


def _rule_set(world: World) -> Model:
    return RuleSet.objects.get(code=world.drafted())


def _run(world: World) -> Model:
    return SourcingRun.objects.filter(reference=world.placed()["number"]).latest("pk")


def _at_store_a(model: type[Model]) -> Callable[[World], Model]:
    return lambda world: model._default_manager.filter(stock_point__code="store-a").latest("pk")


def _unavailability(world: World) -> Model:
    world.head_office.post("/unavailabilities/", [aside_row()])
    return Unavailability.objects.latest("pk")


def _difference(world: World) -> Model:
    StockLevel.objects.filter(stock_point__code="store-a").update(on_hand=1)
    reconcile_stock()
    return LevelDifference.objects.latest("pk")


def _batch(world: World) -> OrderBatch:
    orders = Order.objects.filter(number=world.placed()["number"])
    return start_batch(action="hold", orders=orders, reason="stocktaking")


def _alert(world: World) -> PromiseAlert:
    work = Fulfilment.objects.filter(order__number=world.placed()["number"]).latest("pk")
    return PromiseAlert.objects.create(
        order=work.order,
        fulfilment=work,
        stock_point=work.stock_point,
        milestone=Milestone.ACCEPT,
        due_at=clock.now(),
        stage=AlertStage.APPROACHING,
        audience=Audience.STORE,
    )


# An object of store A, of each model whose rows belong to somebody.
OBJECTS: dict[type[Model], Callable[[World], Model]] = {
    StockPoint: lambda world: StockPoint.objects.get(code="store-a"),
    StockLevel: _at_store_a(StockLevel),
    StockMovement: _at_store_a(StockMovement),
    Reservation: lambda world: (world.placed(), Reservation.objects.latest("pk"))[1],
    StockImport: lambda world: StockImport.objects.get(pk=world.imported()["id"]),
    ExpectedReceipt: lambda world: ExpectedReceipt.objects.get(reference=expected(world)),
    StockCount: lambda world: StockCount.objects.get(reference=world.counting()["reference"]),
    Unavailability: _unavailability,
    LevelDifference: _difference,
    Transfer: lambda world: world.transfer(),
    Order: _of_order(Order, ""),
    OrderBatch: _batch,
    OrderBatchRow: lambda world: OrderBatchRow.objects.get(batch=_batch(world)),
    Fulfilment: _of_order(Fulfilment),
    PromiseAlert: _alert,
    Parcel: lambda world: Parcel.objects.get(fulfilment=world.packed()["id"]),
    Payment: _of_order(Payment),
    Return: lambda world: Return.objects.get(number=world.asked_back("post")["number"]),
    Notification: _of_order(Notification),
    LearnedPreparation: lambda world: LearnedPreparation.objects.create(
        stock_point=StockPoint.objects.get(code="store-a"), minutes=30, cases=1, evidence=1, refreshed_at=clock.now()
    ),
}


def _carrier_service() -> CarrierService:
    return CarrierService.objects.create(
        carrier="post",
        service="parcel",
        modes=["home"],
        zones=[{"code": "all"}],
        transit_days={"all": 2},
        currency="EUR",
    )


# Nobody who is bound to a store sees any of them: the whole network speaks in them.
NETWORK: dict[type[Model], Callable[[World], Model]] = {
    LearnedTransit: lambda world: LearnedTransit.objects.create(
        service="house", zone="100 km", days=1, cases=1, evidence=1, refreshed_at=clock.now()
    ),
    LearningPolicy: lambda world: LearningPolicy.objects.get_or_create(pk=1)[0],
    RuleSet: _rule_set,
    SourcingRun: _run,
    PurchaseProposal: lambda world: PurchaseProposal.objects.create(
        variant=Variant.objects.get(sku="shirt"),
        order_by=the_day_it_is(),
        runs_out_on=the_day_it_is(),
        quantity=1,
        here=1,
        incoming=0,
        sold=1,
        sold_days=28,
        lead_days=21,
        lead_cases=0,
        safety=1,
        computed_at=clock.now(),
    ),
    CarrierService: lambda world: _carrier_service(),
    PickUpTimes: lambda world: PickUpTimes.objects.create(
        carrier_service=_carrier_service(), stock_point=StockPoint.objects.get(code="store-a"), mon=[time(12)]
    ),
}

# Bound by channel, which no store is.
BY_CHANNEL = {SalesChannel, ChannelAllotment, ProtectionRule}

# Rows that belong to nobody, and that a store's people may look at.
CATALOGUE = {"stock.Variant", "stock.Product", "stock.Banner", "stock.StockPointGroup", "orchestration.Postcode"}


def scoped_models() -> set[type[Model]]:
    return {model for model in admin.site._registry if hasattr(model._default_manager.all(), "visible_to")}


def unscoped_models() -> list[type[Model]]:
    return sorted(set(admin.site._registry) - scoped_models(), key=lambda model: model._meta.label)


def person(name: str, *, store: str | None = None, role: str | None = None, permissions: bool = False) -> Client:
    """A member of staff, of one store, or of none: then of the head office."""
    user = User.objects.create_user(username=name, password="long enough to be a password", is_staff=True)
    if store is not None:
        StockPointMember.objects.create(user=user, stock_point=StockPoint.objects.get(code=store))
    if role is not None:
        user.groups.add(Group.objects.get(name=role))
    if permissions:
        user.user_permissions.set(Permission.objects.all())
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def pages_of(model: type[Model]) -> dict[str, list[str]]:
    """Every address below an object of the model, with the names of its parameters: Django's pages and our own."""
    own = f"admin/{model._meta.app_label}/{model._meta.model_name}/"
    found = {}
    for route, pattern in patterns(get_resolver().url_patterns):
        if route.startswith(own) and "object_id" in route and pattern.name:
            found[pattern.name] = re.findall(r"<(?:[^:<>]+:)?([^<>]+)>", route)
    return found


def statuses(client: Client, instance: Model, *, method: str = "get") -> dict[str, int]:
    """The status of every page of the object, by the last word of the page's name."""
    found = {}
    for name, parameters in pages_of(type(instance)).items():
        given = {parameter: instance.pk if parameter == "object_id" else 1 for parameter in parameters}
        response = getattr(client, method)(reverse(f"admin:{name}", kwargs=given))
        found[name.split(f"{instance._meta.model_name}_", 1)[1]] = response.status_code
    return found


@pytest.fixture
def roles() -> None:
    call_command("sync_roles", verbosity=0)


def test_every_model_with_an_owner_has_a_fixture() -> None:
    """A model that is new in the admin must be added to one of the tables of this file."""
    everybodys = {model for model in scoped_models() if model._meta.label in CATALOGUE}
    assert scoped_models() - everybodys == {*OBJECTS, *NETWORK, *BY_CHANNEL}


@pytest.mark.parametrize("model", OBJECTS, ids=lambda model: model._meta.label)
def test_another_stores_object_is_not_found(model: type[Model]) -> None:
    world = World()
    instance: Any = OBJECTS[model](world)
    owner = person("own", store="store-a", permissions=True)
    stranger = person("others", store="store-b", permissions=True)
    for method in ("get", "post"):
        found = statuses(stranger, instance, method=method)
        own = statuses(owner, instance, method=method)
        assert {"change", "delete", "history"} <= own.keys()
        assert set(own.values()) <= {200, 302, 403, 405}
        # What nobody may do is refused to everybody before anything is looked up.
        assert found == {page: status if status in (403, 405) else 404 for page, status in own.items()}
        if method == "get":
            assert (own["change"], own["history"]) == (200, 200)


@pytest.mark.parametrize("model", NETWORK, ids=lambda model: model._meta.label)
def test_what_speaks_of_the_whole_network_is_found_by_no_store(model: type[Model], roles: None) -> None:
    world = World()
    instance: Any = NETWORK[model](world)
    office = statuses(person("office", role="head_office", permissions=True), instance)
    assert (office["change"], office["history"]) == (200, 200)
    for store in ("store-a", "store-b"):
        found = statuses(person(store, store=store, permissions=True), instance)
        assert (found["change"], found["history"]) == (404, 404)
        assert set(found.values()) <= {403, 404, 405}


@pytest.mark.parametrize("model", unscoped_models(), ids=lambda model: model._meta.label)
def test_what_has_no_owner_is_closed_to_stores(model: type[Model], roles: None) -> None:
    """Unless it is the catalogue, which everybody may read and no store may change."""
    World()
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for role in ("store_manager", "store_staff"):
        response = person(role, store="store-a", role=role).get(url)
        expected = {200, 403} if model._meta.label in CATALOGUE else {403}
        assert response.status_code in expected, role
    assert person("office", role="head_office", permissions=True).get(url).status_code == 200


@pytest.mark.parametrize(
    "model", sorted(scoped_models(), key=lambda model: model._meta.label), ids=lambda m: m._meta.label
)
def test_lists_open_for_whoever_may_see_them(model: type[Model]) -> None:
    World()
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert person("own", store="store-a", permissions=True).get(url).status_code == 200
    assert Client().get(url).status_code == 302
