"""A stock point is paused by its form, by a file or by a program as it is by its manager: its offers leave it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from oms.core.models import AuditEntry
from oms.core.services.relaying import drain_events
from oms.core.today import today as the_day_it_is
from stock.models import StockPoint
from tests.admin.people import signed_in
from tests.execution.test_the_first_to_claim_an_offer_gets_it import Town
from tests.factories.clients import api_client
from tests.orders.making import works
from tests.support.holding import assert_invariants_hold

Change = dict[str, object]
Writer = Callable[[StockPoint, Change, Client], None]


def by_a_program(point: StockPoint, change: Change, _office: Client | None = None) -> None:
    api_client("config:write").put_rows("/stock-points/", [{"code": point.code, **change}])


def by_its_form(point: StockPoint, change: Change, office: Client) -> None:
    address = reverse("admin:stock_stockpoint_change", args=[point.pk])
    page = office.get(address)
    assert page.status_code == 200
    written = _as_posted({**page.context["adminform"].form.initial, **change})
    answer = office.post(address, {**written, **_inlines(page)})
    assert answer.status_code == 302, answer.context["errors"]


def by_a_file(point: StockPoint, change: Change, office: Client) -> None:
    cells = {"code": point.code, **{name: "" if value is None else value for name, value in change.items()}}
    text = f"{','.join(cells)}\n{','.join(map(str, cells.values()))}\n"
    file = SimpleUploadedFile("points.csv", text.encode())
    asked = office.post(reverse("admin:stock_stockpoint_import"), {"format": "0", "import_file": file})
    form = asked.context["confirm_form"]
    done = office.post(reverse("admin:stock_stockpoint_process_import"), form.initial)
    assert done.status_code == 302, done.content.decode()[:3000]


def _as_posted(values: Change) -> dict[str, object]:
    """What a browser would send: nothing for what is not ticked."""
    lists = {name: ",".join(value) for name, value in values.items() if name == "tags" and isinstance(value, list)}
    plain = {
        name: value
        for name, value in values.items()
        if value is not None and value is not False and value != [] and value != {} and name not in lists
    }
    return {**plain, **lists}


def _inlines(page: object) -> dict[str, object]:
    formsets = page.context["inline_admin_formsets"]  # type: ignore[attr-defined]
    return {
        f"{each.formset.prefix}-{name}": value
        for each in formsets
        for name, value in each.formset.management_form.initial.items()
    }


@pytest.fixture
def town(db: None) -> Town:
    return Town(candidates=2)


@pytest.mark.parametrize("write", [by_a_program, by_its_form, by_a_file])
def test_the_offers_leave_it_and_come_back_once_it_takes_part_again(town: Town, write: Writer) -> None:
    order, store, office = town.order(), town.stores[0], signed_in("head_office")
    write(store, {"paused_until": (the_day_it_is() + timedelta(days=3)).isoformat()}, office)
    drain_events()
    assert [code for code, state in works(order) if state == "offered"] == town.codes(1, 2)
    write(store, {"paused_until": None}, office)
    drain_events()
    told = AuditEntry.objects.filter(subject=f"stock_point:{store.code}", action__startswith="stock_point.")
    paused = [
        action
        for action in told.order_by("pk").values_list("action", flat=True)
        if "pause" in action or "reopen" in action
    ]
    assert paused == ["stock_point.paused", "stock_point.reopened"]
    assert_invariants_hold()


def test_a_stock_point_that_is_switched_off_is_offered_nothing_any_more(town: Town) -> None:
    order = town.order()
    by_a_program(town.stores[0], {"is_active": False})
    drain_events()
    assert [code for code, state in works(order) if state == "offered"] == town.codes(1, 2)


def test_what_waited_for_a_paused_stock_point_is_sourced_when_a_program_reopens_it(town: Town) -> None:
    order = town.order()
    day = (the_day_it_is() + timedelta(days=3)).isoformat()
    for store in town.stores:
        by_a_program(store, {"paused_until": day})
    drain_events()
    assert not [code for code, state in works(order) if state == "offered"]
    by_a_program(town.stores[2], {"paused_until": None})
    drain_events()
    assert [code for code, state in works(order) if state == "offered"] == town.codes(2)


def test_a_change_of_something_else_disturbs_no_offer(town: Town) -> None:
    order = town.order()
    by_a_program(town.stores[0], {"priority": 3})
    drain_events()
    assert [code for code, state in works(order) if state == "offered"] == town.codes(0, 1)
    assert not AuditEntry.objects.filter(action="stock_point.paused").exists()
