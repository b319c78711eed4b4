"""The admin's door for stock files: uploaded, looked at, confirmed, written once by the feeds' own service."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from oms.core.models import User
from oms.core.services.relaying import drain_events
from stock.admin.import_resources import ROWS_AT_MOST
from stock.models import QuarantinedFigure, StockImport, StockLevel, StockMovement, StockPoint, StockPointMember
from stock.states import StockImportState
from tests.stock.feeds.feeding import HOUR, counters, feed, file_of, make_network, on_hand
from tests.stock.making import NOON, make_variant

pytestmark = pytest.mark.django_db
LATER = NOON + HOUR


@pytest.fixture(autouse=True)
def _network() -> None:
    call_command("sync_roles", verbosity=0)
    make_network()
    feed(file_of("A,paris,20", "B,paris,10"))


def person(role: str = "merchandiser", *, bound_to: str | None = None) -> Client:
    user = User.objects.create_user(f"{role}-{bound_to}", password="long enough to be a password", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    if bound_to is not None:
        StockPointMember.objects.create(user=user, stock_point=StockPoint.objects.get(code=bound_to))
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: int) -> str:
    return reverse(f"admin:stock_stockimport_{name}", args=args)


def upload(client: Client, text: str, **fields: Any) -> Any:
    told = {
        "resource": "0",
        "format": "0",
        "kind": "delta",
        "as_of": timezone.localtime(LATER).strftime("%Y-%m-%dT%H:%M:%S"),
        "source": "erp",
        "basis": "",
        "import_file": SimpleUploadedFile("stock.csv", text.encode()),
    }
    return client.post(page("import"), {**told, **fields})


def newest() -> StockImport:
    return StockImport.objects.latest("pk")


def shown(response: Any) -> list[tuple[int | None, str, int, int]]:
    return [
        (line.line_number, line.verdict.value, line.before, line.after) for line in response.context["preview"].lines
    ]


def rejected(response: Any) -> list[tuple[int, str]]:
    return [(line.line_number, line.code) for line in response.context["preview"].rejects]


def movements() -> list[tuple[str, str, int]]:
    rows = StockMovement.objects.filter(reference=newest().reference).order_by("pk")
    return list(rows.values_list("variant__sku", "stock_point__code", "quantity"))


MIXED = file_of("A,paris,25", "B,paris,10", "C,lyon,4", "A,lyon,-3", "nobody,paris,1", "A,paris,9")


def test_a_small_file_is_shown_line_by_line_and_nothing_is_written() -> None:
    response = upload(person(), MIXED)
    assert shown(response) == [(2, "changed", 20, 25), (4, "new", 0, 4)]
    assert rejected(response) == [(5, "negative"), (6, "unknown_sku"), (7, "duplicate")]
    preview = response.context["preview"]
    assert (preview.difference.new, preview.difference.changed, preview.unchanged) == (1, 1, 1)
    assert preview.stock_import.rejected + preview.stock_import.quarantined == 3
    assert "Line 2 already names this SKU at this stock point." in response.content.decode()
    assert newest().state == StockImportState.STAGED
    drain_events()
    assert (on_hand("A", "paris"), on_hand("C", "lyon"), movements()) == (20, None, [])


def test_what_was_shown_is_written_once_however_often_it_is_confirmed() -> None:
    client = person()
    upload(client, MIXED)
    for _ in range(2):
        response: Any = client.post(page("process_import"), {"stock_import": newest().pk})
        assert response.url == page("change", newest().pk)
        drain_events()
    assert newest().state == StockImportState.APPLIED
    assert counters(newest()) == {"rows": 6, "applied": 2, "unchanged": 1, "rejected": 2, "quarantined": 1}
    assert newest().confirmed_by == User.objects.get().actor
    assert (on_hand("A", "paris"), on_hand("B", "paris"), on_hand("C", "lyon")) == (25, 10, 4)
    assert sorted(movements()) == [("A", "paris", 5), ("C", "lyon", 4)]


def test_confirming_is_refused_to_a_get() -> None:
    client = person()
    upload(client, MIXED)
    assert client.get(page("process_import")).status_code == 403
    for move in ("confirm", "refuse"):
        assert client.get(page(move, newest().pk)).status_code == 200
    drain_events()
    assert (newest().state, newest().confirmed_at) == (StockImportState.STAGED, None)


def test_what_was_looked_at_may_be_refused_with_a_reason() -> None:
    client = person()
    upload(client, MIXED)
    assert "This field is required." in client.post(page("refuse", newest().pk), {}).content.decode()
    client.post(page("refuse", newest().pk), {"reason": "Last year's file."})
    client.post(page("process_import"), {"stock_import": newest().pk})
    drain_events()
    assert (newest().state, newest().reason) == (StockImportState.REFUSED, "Last year's file.")
    assert on_hand("A", "paris") == 20


def counted(content: str) -> dict[str, int]:
    """What the table of lines says, whatever their number."""
    rows = re.findall(r'<tr[^>]*><th scope="row">([^<]+)</th><td>([^<]+)</td></tr>', content)
    return {name: int(number) for name, number in rows}


def test_each_line_is_counted_once() -> None:
    client = person()
    before = counted(upload(client, MIXED).content.decode())
    lines = before.pop("Lines of the file")
    assert sum(before.values()) == lines == newest().rows
    client.post(page("process_import"), {"stock_import": newest().pk})
    drain_events()
    after = counted(client.get(page("change", newest().pk)).content.decode())
    assert (after.pop("Lines of the file"), sum(after.values())) == (lines, lines)
    unused = "Not used: cannot be read or is not allowed", "Kept until its SKU or stock point is known"
    assert [after[name] for name in unused] == [before[name] for name in unused]


def test_shows_what_a_snapshot_does_not_list() -> None:
    client = person()
    response = upload(client, file_of("A,paris,20"), kind="snapshot")
    assert shown(response) == [(None, "closed", 10, 0)]
    client.post(page("process_import"), {"stock_import": newest().pk})
    drain_events()
    assert (on_hand("A", "paris"), on_hand("B", "paris"), newest().closed) == (20, 0, 1)


def test_a_great_fall_is_named_before_it_is_confirmed() -> None:
    feed(file_of("A,lyon,5000"), as_of=NOON + timedelta(minutes=1))
    response = upload(person(), file_of("A,lyon,1000"))
    assert "It takes 4,000 of 5,000 units (80 %) off the levels it speaks of." in response.content.decode()
    assert "That is much: is the file complete?" in response.content.decode()


def swinging() -> Any:
    """A file that takes 1,200 of 3,000 units off levels of two stock points, of neither the most of what it has."""
    feed(file_of("A,lyon,2500", "B,lyon,500"), as_of=NOON + timedelta(minutes=1))
    return file_of("A,lyon,1300", "B,lyon,500")


def test_a_swing_is_shown_as_a_danger_with_its_stock_points_and_figures() -> None:
    content = upload(person(), swinging()).content.decode()
    assert "halles-notice--danger" in content
    assert re.search(r'<th scope="row">lyon</th>\s*<td>1,200 of 3,000</td>', content)
    assert "I have seen that this takes 1,200 of 3,000 units off the levels it speaks of." in content
    assert "Confirm although it takes so much" in content
    assert "Confirm import" not in content


def test_a_swing_is_confirmed_by_a_second_deliberate_act_only() -> None:
    client = person()
    upload(client, swinging())
    confirmed = {"stock_import": newest().pk}
    answer: Any = client.post(page("process_import"), confirmed, follow=True)
    assert "Nothing is written: say that you have seen it." in answer.content.decode()
    answer = client.post(page("confirm", newest().pk), {})
    assert "Nothing is written: say that you have seen it." in answer.content.decode()
    drain_events()
    assert (newest().state, newest().confirmed_at, on_hand("A", "lyon")) == (StockImportState.STAGED, None, 2500)
    client.post(page("process_import"), {**confirmed, "has_seen": "on"})
    drain_events()
    assert (newest().state, on_hand("A", "lyon")) == (StockImportState.APPLIED, 1300)


def test_a_harmless_file_asks_nothing_more() -> None:
    content = upload(person(), MIXED).content.decode()
    assert "halles-notice--danger" not in content and "has_seen" not in content


def test_a_held_import_is_approved_on_its_page() -> None:
    feed(file_of("A,lyon,5000"), as_of=NOON + timedelta(minutes=1))
    held = feed(file_of("A,lyon,1000"), as_of=LATER)
    client = person()
    found = client.get(page("change", held.pk))
    assert [action["url"] for action in found.context["import_actions"]] == [
        page("approve", held.pk),
        page("refuse", held.pk),
    ]
    client.post(page("approve", held.pk))
    drain_events()
    assert (newest().state, on_hand("A", "lyon")) == (StockImportState.APPLIED, 1000)


@pytest.mark.parametrize(
    ("text", "fields", "sentence"),
    [
        ("sku;stock_point;quantity\nA;paris;1\n", {}, "declare the delimiter"),
        ("sku,quantity\nA,1\n", {}, "does not name stock_point"),
        (file_of("A,paris,1", "A,paris"), {}, None),
        (file_of(), {}, "No valid data to import."),
        (file_of("A,paris,1", 'B,paris,"1,5"'), {}, "Line 3 has a decimal comma"),
        (file_of("A,paris,1"), {"as_of": "2999-01-01T00:00:00"}, "This moment has not come yet."),
        (file_of("A,paris,1"), {"basis": "net_of_reservations"}, "that cannot change."),
        ("\x00", {}, "does not name"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(text: str, fields: dict[str, str], sentence: str | None) -> None:
    response = upload(person(), text, **fields)
    assert response.status_code == 200
    if sentence is None:
        assert rejected(response) == [(3, "wrong_columns")]
    else:
        assert sentence in response.content.decode()
        assert "confirm_form" not in response.context
    drain_events()
    assert on_hand("A", "paris") == 20


def test_columns_may_be_separated_otherwise() -> None:
    text = "sku;stock_point;quantity\nA;paris;21\n"
    assert shown(upload(person(), text, format="1")) == [(2, "changed", 20, 21)]


def test_a_larger_file_is_handed_to_a_task_and_still_waits_for_a_person() -> None:
    client = person()
    rows = [f"X{number},paris,1" for number in range(ROWS_AT_MOST)]
    response = upload(client, file_of(*rows, "A,paris,30"))
    assert (response.status_code, response.url) == (302, page("change", newest().pk))
    running = client.get(response.url)
    assert running["Refresh"] == "3"
    assert f"This file has more than {ROWS_AT_MOST} rows or 8.0\xa0MB" in running.content.decode()
    drain_events()
    staged = client.get(response.url)
    assert (newest().state, newest().rows, on_hand("A", "paris")) == (StockImportState.STAGED, ROWS_AT_MOST + 1, 20)
    assert "Refresh" not in staged
    assert "20 → 30" in staged.content.decode()
    client.post(page("confirm", newest().pk))
    drain_events()
    assert (newest().state, newest().progress, on_hand("A", "paris")) == (StockImportState.APPLIED, 100, 30)


def test_as_many_rows_as_are_allowed_are_shown_at_once() -> None:
    rows = [f"X{number},paris,1" for number in range(ROWS_AT_MOST)]
    response = upload(person(), file_of(*rows))
    assert response.status_code == 200
    looked_at = response.context["preview"].stock_import
    assert looked_at.rejected + looked_at.quarantined == ROWS_AT_MOST


def test_the_rejects_file_names_the_lines() -> None:
    client = person()
    upload(client, MIXED)
    response: Any = client.get(page("rejects", newest().pk))
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines[0] == "line,sku,stock_point,quantity,unavailable,code,detail"
    assert [line.split(",")[0] for line in lines[1:]] == ["5", "6", "7"]


@pytest.mark.parametrize("role", ["customer_service", "store_manager", "store_staff"])
def test_other_roles_may_not_import(role: str) -> None:
    staged = StockImport.objects.get()
    client = person(role)
    assert upload(client, MIXED).status_code == 403
    assert client.post(page("process_import"), {"stock_import": staged.pk}).status_code == 403
    assert client.get(page("changelist")).status_code == 403
    assert StockImport.objects.count() == 1


def test_who_is_bound_to_a_stock_point_imports_for_no_other() -> None:
    client = person(bound_to="paris")
    response = upload(client, file_of("A,paris,21", "A,lyon,7"), source="paris-till")
    assert (shown(response), rejected(response)) == ([(2, "changed", 20, 21)], [(3, "unknown_stock_point")])
    client.post(page("process_import"), {"stock_import": newest().pk})
    drain_events()
    assert (on_hand("A", "paris"), on_hand("A", "lyon")) == (21, None)


def test_anothers_import_is_found_by_nobody_of_a_store() -> None:
    upload(person(), MIXED)
    stranger = person(bound_to="lyon")
    assert stranger.post(page("process_import"), {"stock_import": newest().pk}).status_code == 404
    for name in ("change", "confirm", "refuse", "rejects"):
        assert stranger.get(page(name, newest().pk)).status_code == 404
    assert newest().confirmed_at is None


def test_the_list_asks_as_often_for_many_as_for_one() -> None:
    client = person()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page("changelist")).status_code == 200
        return len(queries)

    asked()
    few = asked()
    for number in range(5):
        feed(file_of(f"A,paris,{number}"), as_of=LATER + number * HOUR, source=f"source-{number}")
    assert asked() == few


def test_quarantined_figures_are_tried_again_once_they_are_known() -> None:
    feed(file_of("D,paris,8"), as_of=LATER)
    make_variant("D")
    retry = reverse("admin:stock_quarantinedfigure_retry")
    client = person()
    assert b"Try again" in client.get(reverse("admin:stock_quarantinedfigure_changelist")).content
    assert (client.get(retry).status_code, QuarantinedFigure.objects.count()) == (200, 1)
    client.post(retry)
    drain_events()
    assert (on_hand("D", "paris"), QuarantinedFigure.objects.count()) == (8, 0)


def test_who_is_bound_to_a_stock_point_does_not_retry_for_all() -> None:
    assert person(bound_to="paris").post(reverse("admin:stock_quarantinedfigure_retry")).status_code == 403


def test_sources_are_there_to_be_read() -> None:
    client = person()
    assert b"erp" in client.get(reverse("admin:stock_stocksource_changelist")).content
    assert StockLevel.objects.filter(source__name="erp").count() == 2
