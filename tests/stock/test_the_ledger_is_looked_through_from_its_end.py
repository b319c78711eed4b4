"""A list of movements narrowed only by kind or stock point reads the ledger's end, not the whole of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from oms.core import clock
from oms.core.admin.base import COUNTED_AT_MOST
from stock.models import StockLevel, StockMovement, StockPoint, Variant
from tests.admin.people import signed_in
from tests.stock.making import make_point, make_variant
from tests.support.plans import rows_read_by

pytestmark = pytest.mark.django_db

MOVEMENTS = reverse("admin:stock_stockmovement_changelist")
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
OLD = 40_000
RECENT = 400
ARTICLES = 2_000
# What lies in the days looked through, and a little of what the leeway adds.
WINDOW = RECENT + OLD // 100 * 2
# A hundred days, then thirty: the older movements are all of a feed but for one damage, the newer ones sales.
_FILL = """
INSERT INTO stock_stockmovement
    (variant_id, stock_point_id, kind, reference, quantity, occurred_at, recorded_at, recorded_by)
SELECT (%(variants)s::bigint[])[1 + n %% cardinality(%(variants)s)], %(point)s,
       CASE WHEN n > %(old)s THEN 'sale' WHEN n = 2000 THEN 'damage' ELSE 'feed' END,
       'M-' || n, 1, told.at, told.at, ''
FROM generate_series(1, %(all)s) n CROSS JOIN LATERAL (
    SELECT CASE WHEN n <= %(old)s THEN %(now)s::timestamptz - interval '132 days' + n * interval '100 days' / %(old)s
           ELSE %(now)s::timestamptz - interval '29 days' + (n - %(old)s) * interval '29 days' / %(recent)s END AS at
) told
ORDER BY n
"""


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.set_clock(NOW):
        yield


@pytest.fixture
def ledger() -> StockPoint:
    point, product = make_point("PARIS"), make_variant("SHIRT").product
    # So many that it does not pay to walk through the articles to each one's movements of a kind.
    Variant.objects.bulk_create(
        Variant(sku=f"SHIRT-{number}", product=product, currency="EUR") for number in range(1, ARTICLES)
    )
    articles = list(Variant.objects.order_by("id"))
    StockLevel.objects.bulk_create(StockLevel(variant=each, stock_point=point) for each in articles)
    with connection.cursor() as cursor:
        cursor.execute(
            _FILL,
            {
                "variants": [each.pk for each in articles],
                "point": point.pk,
                "old": OLD,
                "recent": RECENT,
                "all": OLD + RECENT,
                "now": NOW,
            },
        )
        cursor.execute("ANALYZE stock_stockmovement")
    return point


def rows_read(movements: QuerySet[StockMovement]) -> int:
    return rows_read_by(*movements.query.sql_with_params())


def page_of(movements: QuerySet[StockMovement]) -> QuerySet[StockMovement]:
    return movements.order_by("-id").select_related(None)[:50]


def counted(movements: QuerySet[StockMovement]) -> QuerySet[StockMovement]:
    return movements.order_by().select_related(None)[: COUNTED_AT_MOST + 1]


@pytest.mark.parametrize("kind", ["feed", "damage", "sale", "count"])
def test_reads_no_more_than_the_last_days(ledger: StockPoint, kind: str) -> None:
    found = signed_in("head_office").get(MOVEMENTS, {"kind__exact": kind}).context["cl"]
    assert found.result_count == (RECENT if kind == "sale" else 0)
    for read in (page_of(found.queryset), counted(found.queryset)):
        assert rows_read(read) <= WINDOW


def test_without_the_bound_it_reads_the_whole_ledger(ledger: StockPoint) -> None:
    """The control: neither the kind alone nor the moment alone keeps the plan from it."""
    fed = StockMovement.objects.filter(kind="feed")
    assert rows_read(counted(fed)) > COUNTED_AT_MOST
    assert rows_read(page_of(fed.filter(recorded_at__gte=NOW - timedelta(days=30)))) > OLD / 2


def test_a_stock_point_is_looked_through_the_same_way_also_by_who_is_bound_to_it(ledger: StockPoint) -> None:
    for client, narrowed in (
        (signed_in("head_office"), {"stock_point__id__exact": ledger.pk}),
        (signed_in("store_manager", store="PARIS"), {}),
    ):
        found = client.get(MOVEMENTS, narrowed).context["cl"]
        assert found.result_count == RECENT
        assert rows_read(page_of(found.queryset)) <= WINDOW


@pytest.mark.parametrize(
    ("language", "told", "further"),
    [
        ("en", "Only what was recorded since 30 October 2026.", "Look back 90 days"),
        ("fr", "Seulement ce qui a été enregistré depuis le 30 octobre 2026.", "Remonter de 90 jours"),
    ],
)
def test_says_since_when_and_leads_further_back(ledger: StockPoint, language: str, told: str, further: str) -> None:
    client = signed_in("head_office", language=language)
    page = client.get(MOVEMENTS, {"kind__exact": "feed"}).content.decode()
    assert told in " ".join(page.split())
    assert further in page
    assert "?kind__exact=feed&amp;recorded_at_from_0=2026-08-31" in page
    found = client.get(MOVEMENTS, {"kind__exact": "feed", "recorded_at_from_0": "2026-08-31"})
    assert found.context["cl"].result_count > COUNTED_AT_MOST
    assert told not in " ".join(found.content.decode().split())


@pytest.mark.parametrize(
    "narrowed",
    [
        {},
        {"q": "M-2000"},
        {"q": "SHIRT"},
        {"kind__exact": "damage", "q": "M-2000"},
        {"kind__exact": "damage", "variant__id__exact": "SHIRT"},
        {"kind__exact": "damage", "recorded_at_to_0": "2026-08-31"},
        {"o": "1"},
    ],
)
def test_an_article_a_reference_a_date_and_no_narrowing_at_all_find_everything(
    ledger: StockPoint, client: Client, narrowed: dict[str, str]
) -> None:
    if "variant__id__exact" in narrowed:
        narrowed = {**narrowed, "variant__id__exact": str(Variant.objects.get(sku="SHIRT").pk)}
    answer = signed_in("head_office").get(MOVEMENTS, narrowed)
    assert "Only what was recorded since" not in answer.content.decode()
    assert answer.context["cl"].queryset.filter(reference="M-2000").exists()
