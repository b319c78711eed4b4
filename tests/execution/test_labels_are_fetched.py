from __future__ import annotations

from orders.models import Label
from stock.models import StockPoint
from tests.execution.watching import nothing_moves
from tests.factories.clients import api_client
from tests.factories.retailer import Json, Retailer, totals


def packed(retailer: Retailer) -> Json:
    retailer.report("receipt", {("shirt", "lille"): 5})
    work = retailer.pick(retailer.one_work(retailer.place({"shirt": 2})["number"]))
    return retailer.move(work, "pack", {"parcels": [{"weight_g": 800, "lines": totals(work)}]})


def test_while_it_is_made_it_is_pending(retailer: Retailer) -> None:
    path = f"/parcels/{packed(retailer)['parcels'][0]['id']}/label/"
    answer = retailer.api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (425, "label_pending")


def test_as_pdf_and_as_zpl(retailer: Retailer) -> None:
    path = f"/parcels/{packed(retailer)['parcels'][0]['id']}/label/"
    retailer.drain()
    kept = Label.objects.get()
    with nothing_moves():
        default, pdf, zpl = (
            retailer.api.get(path),
            retailer.api.get(path, format="pdf"),
            retailer.api.get(path, format="zpl"),
        )
    assert (pdf.status_code, pdf["Content-Type"], pdf.content) == (200, "application/pdf", bytes(kept.pdf))
    assert pdf.content.startswith(b"%PDF")
    assert default.content == pdf.content
    assert (zpl.status_code, zpl["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert zpl.content.decode() == kept.zpl
    assert kept.zpl.startswith("^XA")


def test_in_no_other_format(retailer: Retailer) -> None:
    path = f"/parcels/{packed(retailer)['parcels'][0]['id']}/label/"
    retailer.drain()
    answer = retailer.api.get(path, format="gif")
    assert (answer.status_code, answer.json()["errors"]) == (422, {"format": ["Choose pdf or zpl."]})


def test_anothers_parcel_is_not_found(retailer: Retailer) -> None:
    path = f"/parcels/{packed(retailer)['parcels'][0]['id']}/label/"
    retailer.drain()
    for point, status in {"lille": 200, "lyon": 404}.items():
        own = api_client("fulfilments:write", stock_points=[StockPoint.objects.get(code=point)])
        assert own.get(path).status_code == status
    assert retailer.api.get("/parcels/999999999/label/").status_code == 404
