"""A source says once how it writes its files; every door reads them so, and nothing is guessed."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from oms.core.bulk import Row
from oms.core.services.relaying import drain_events
from stock.feeds.errors import FileRefused
from stock.feeds.profiles import Profile, rewritten
from stock.feeds.reading import StockFile
from stock.models import StockImport, StockSource
from stock.services.profiling import save_sources
from tests.admin.people import signed_in
from tests.factories.clients import api_client
from tests.stock.feeds.feeding import counters, feed, make_network, on_hand, rejects
from tests.stock.making import NOON, make_variant

pytestmark = pytest.mark.django_db

COLUMNS = {"sku": "Référence", "stock_point": "Magasin", "quantity": "Qté"}
PROFILE = {"delimiter": ";", "encoding": "windows-1252", "decimal_sign": ",", "columns": COLUMNS}
FILE = 'Référence;Libellé;Qté;Magasin\r\nA;"Chemise; bleue";3,00;paris\r\nÉTÉ;Été;4;lyon\r\n'


@pytest.fixture(autouse=True)
def _network() -> None:
    make_network()
    make_variant("ÉTÉ")


def declare(name: str = "caisse", **profile) -> None:
    assert save_sources(rows=[Row(0, {"name": name, **(profile or PROFILE)})]).errors == []


def lines_of(content: bytes, **profile) -> list[tuple[int, list[str]]]:
    file = StockFile(rewritten(io.BytesIO(content), Profile(**profile)))
    return [(line.line_number, list(line.fields)) for line in file.lines()]


def test_a_file_is_read_by_its_sources_profile():
    declare()
    done = feed(FILE.encode("windows-1252"), source="caisse")
    assert (done.state, counters(done)["applied"]) == ("applied", 2)
    assert (on_hand("A", "paris"), on_hand("ÉTÉ", "lyon")) == (3, 4)


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "iso-8859-15", "utf-16"])
def test_in_every_encoding_that_can_be_declared(encoding):
    declare(**PROFILE | {"encoding": encoding})
    assert feed(FILE.encode(encoding), source="caisse").state == "applied"
    assert on_hand("ÉTÉ", "lyon") == 4


def test_a_source_without_a_profile_is_read_as_ever():
    declare()
    done = feed(FILE.encode("windows-1252"), source="erp")
    assert (done.state, done.code) == ("refused", "wrong_encoding")


def test_lines_keep_the_numbers_they_have_in_the_file():
    declare()
    text = "Qté;Magasin;Référence\n1;paris;A\n\n1,5;paris;B\nx;lyon;B\n2;lyon\n9;nowhere;A\n"
    done = feed(text.encode("windows-1252"), source="caisse")
    assert rejects(done) == [
        (4, "not_a_whole_number"),
        (5, "not_a_whole_number"),
        (6, "wrong_columns"),
        (7, "unknown_stock_point"),
    ]
    assert on_hand("A", "paris") == 1


@pytest.mark.parametrize(
    ("content", "code", "line_number"),
    [
        ("Référence;Magasin\nA;paris\n".encode("windows-1252"), "missing_columns", 1),
        (b"\xef\xbb\xbf" + "Référence;Magasin;Qté\nA;paris;1\n".encode(), "wrong_encoding", 1),
        ("Référence;Magasin;Qté\nA;paris;1\nB;paris;".encode("windows-1252") + b"\x81\n", "wrong_encoding", 3),
        ("Référence;Magasin;Qté;Qté\nA;paris;1;1\n".encode("windows-1252"), "unknown_columns", 1),
        (b"PK\x03\x04 archive", "compressed_file", 1),
        (b"", "empty_file", None),
    ],
)
def test_what_is_not_as_declared_is_refused_with_its_line(content, code, line_number):
    with pytest.raises(FileRefused) as refused:
        lines_of(content, **PROFILE)
    assert (refused.value.code, refused.value.line_number) == (code, line_number)


def test_a_line_whose_quotes_do_not_pair_up_is_told_and_the_others_are_used():
    declare()
    done = feed('Référence;Magasin;Qté\nA;"paris;1\nB;lyon;2\n'.encode("windows-1252"), source="caisse")
    assert [number for number, _ in rejects(done)] == [2]
    assert on_hand("B", "lyon") == 2


def test_an_import_is_read_as_was_declared_when_it_came():
    declare()
    content = SimpleUploadedFile("stock.csv", FILE.encode("windows-1252"))
    key = api_client("stock:write", "config:write", "stock:read")
    fields = {"kind": "delta", "as_of": NOON.isoformat(), "source": "caisse", "file": content}
    answer = key.http.post("/api/v1/stock-imports/", fields, headers={"Authorization": f"Bearer {key.key}"})
    assert answer.status_code == 202
    declare(**PROFILE | {"delimiter": "|"})
    drain_events()
    assert StockImport.objects.get(pk=answer.json()["id"]).state == "applied"
    assert on_hand("A", "paris") == 3


def test_rows_as_json_are_nobodys_dialect():
    declare()
    rows = [{"sku": "A", "stock_point": "paris", "quantity": 7}]
    body = {"kind": "delta", "as_of": NOON.isoformat(), "source": "caisse", "rows": rows}
    assert api_client("stock:write").post("/stock-imports/", body).status_code == 202
    drain_events()
    assert on_hand("A", "paris") == 7


def test_the_command_reads_by_the_profile_and_an_explicit_delimiter_instead_of_it(tmp_path):
    declare()
    path = tmp_path / "stock.csv"
    path.write_bytes(FILE.encode("windows-1252"))
    named = ["--kind", "delta", "--source", "caisse"]
    call_command("import_stock", str(path), *named, "--as-of", "2026-05-04T12:00:00Z")
    assert on_hand("A", "paris") == 3
    path.write_text("sku|stock_point|quantity\nA|paris|8\n")
    call_command("import_stock", str(path), *named, "--as-of", "2026-05-04T13:00:00Z", "--delimiter", "|")
    assert on_hand("A", "paris") == 8


def test_a_profile_is_told_by_a_program_and_what_cannot_be_is_refused():
    key = api_client("config:write")
    rows = [
        {"name": "caisse", **PROFILE},
        {"name": "b", "delimiter": ",", "decimal_sign": ","},
        {"name": "c", "columns": {"sku": "x", "quantity": "x"}},
        {"name": "d", "encoding": "ebcdic"},
    ]
    answer = key.put("/stock-sources/", rows).json()
    assert (answer["created"], [error["index"] for error in answer["errors"]]) == (1, [1, 2, 3])
    assert key.put("/stock-sources/", rows[:1]).json()["unchanged"] == 1
    conflict = key.put("/stock-sources/", [{"name": "caisse", "basis": "net_of_reservations"}]).json()
    assert conflict["errors"][0]["code"] == "basis_conflict"
    assert StockSource.objects.get(name="caisse").columns == COLUMNS


def test_a_person_declares_a_profile_and_uploads_by_it():
    office = signed_in("head_office")
    form = {"name": "caisse", "basis": "physical", "delimiter": ";", "encoding": "windows-1252", "decimal_sign": ","}
    columns = {f"column_{column}": name for column, name in COLUMNS.items()}
    response = office.post(reverse("admin:stock_stocksource_add"), form | columns)
    assert response.status_code == 302
    upload = {
        "resource": "0",
        "format": "4",
        "kind": "delta",
        "as_of": "2026-05-04T13:00:00",
        "source": "caisse",
        "basis": "",
        "import_file": SimpleUploadedFile("stock.csv", FILE.encode("windows-1252")),
    }
    office.post(reverse("admin:stock_stockimport_import"), upload)
    drain_events()
    (waiting,) = StockImport.objects.all()
    assert (waiting.state, waiting.rows, on_hand("A", "paris")) == ("staged", 2, None)
    office.post(reverse("admin:stock_stockimport_confirm", args=[waiting.pk]))
    drain_events()
    assert on_hand("A", "paris") == 3
