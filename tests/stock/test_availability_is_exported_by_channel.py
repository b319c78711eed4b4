"""Each channel's own figures as a file, written as they are read; and old artefacts are forgotten."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oms.core import clock
from oms.core.today import today as the_day_it_is
from oms.integrations.models import WebhookEndpoint, WebhookMessage
from oms.integrations.services.purging import purge_webhook_messages
from stock.models import CatalogueImport, StockImport, StockImportReject
from stock.queries import availability_files
from stock.services.catalogue_importing import create_catalogue_import, run_catalogue_import
from stock.services.import_tidying import prune_imports
from tests.admin.people import signed_in
from tests.factories.clients import api_client
from tests.stock.feeds.feeding import feed
from tests.stock.making import expect, make_channel, make_point, make_variant, receive
from tests.stock.test_allotments_are_ceilings import allot

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    paris, web, market = make_point("PARIS"), make_channel("web"), make_channel("market")
    shirt, cap = make_variant("SHIRT", gtin="4006381333931"), make_variant("=CAP")
    make_variant("OUT", is_active=False)
    receive(shirt, paris, 10)
    expect(shirt, paris, 4, days=3)
    allot(market, shirt, quantity=6)
    assert cap
    return web, market


def exported(channel: str) -> list[str]:
    response = api_client("stock:read").get("/availability/export/", channel=channel)
    assert response.streaming
    return b"".join(response).decode().splitlines()


def test_each_channel_has_its_own_figures(world):
    day = (the_day_it_is() + timedelta(days=3)).isoformat()
    assert exported("web") == [
        "sku,gtin,available,expected,expected_from",
        "'=CAP,,0,0,",
        f"SHIRT,4006381333931,10,4,{day}",
    ]
    assert exported("market")[2] == "SHIRT,4006381333931,6,0,"


def test_a_person_takes_the_file_from_the_channels_page(world):
    web, _ = world
    office = signed_in("merchandiser")
    link = reverse("admin:stock_saleschannel_availability", args=[web.pk])
    assert link in office.get(reverse("admin:stock_saleschannel_change", args=[web.pk])).content.decode()
    assert b"SHIRT" in b"".join(office.get(link))


def test_it_is_read_in_pages_of_a_fixed_number_of_queries(world, monkeypatch):
    web, _ = world
    for _number in range(8):
        make_variant()
    monkeypatch.setattr(availability_files, "ARTICLES_AT_ONCE", 5)
    with CaptureQueriesContext(connection) as found:
        lines = "".join(availability_files.availability_csv(web)).splitlines()
    assert (len(lines), len(set(lines))) == (11, 11)
    assert len(found) == 4 + 4 + 1


def message(endpoint, *, days: int, state: str) -> None:
    WebhookMessage.objects.create(
        endpoint=endpoint,
        event="order.placed",
        data={},
        state=state,
        created_at=clock.now() - timedelta(days=days),
        delivered_at=clock.now() if state == "delivered" else None,
    )


def test_messages_are_forgotten_once_they_are_old_and_done(world):
    from oms.core.models import ApiClient

    api_client("stock:read")
    endpoint = WebhookEndpoint.objects.create(client=ApiClient.objects.get(), url="https://x.example/", events=[])
    for days in (20, 40, 100):
        for state in ("pending", "delivered", "dead"):
            message(endpoint, days=days, state=state)
    assert purge_webhook_messages() == 3
    assert purge_webhook_messages() == 0
    left = sorted(WebhookMessage.objects.values_list("state", flat=True))
    assert left == ["dead", "dead", "delivered", "pending", "pending", "pending"]


def test_what_imports_leave_behind_is_forgotten_and_the_imports_stay(world):
    feed("sku,stock_point,quantity\nSHIRT,PARIS,x\nSHIRT,PARIS,7\n", as_of=clock.now())
    articles = create_catalogue_import(file=ContentFile(b"sku,price\nA,x\n", name="a.csv"))
    run_catalogue_import(import_id=articles.pk)
    prune_imports()
    assert StockImportReject.objects.count() == 1
    with clock.set_clock(clock.now() + timedelta(days=91)):
        prune_imports()
    articles.refresh_from_db()
    assert (StockImportReject.objects.count(), articles.rejects.count()) == (0, 0)
    assert (articles.file.name, articles.rejected) == ("", 1)
    assert (StockImport.objects.get().rejected, CatalogueImport.objects.count()) == (1, 1)
