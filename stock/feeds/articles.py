"""A file of articles, line by line: what each says of a variant and its product, or why it says nothing usable."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, Final

from django.utils.translation import gettext_noop
from stdnum import ean

from oms.core.formulas import as_it_was
from stock.feeds.mended import mended_delimiter
from stock.feeds.rejects import REPORTED_BESIDE
from stock.feeds.sheets import read_sheet

OF_VARIANT: Final = ("sku", "gtin", "size", "colour", "price", "currency", "weight_g", "is_active", "is_hot")
OF_PRODUCT: Final = {"product": "code", "name": "name", "brand": "brand", "category": "category"}
COLUMNS: Final = (*OF_VARIANT, *OF_PRODUCT, "season_ends_on")
REQUIRED_COLUMNS: Final = ("sku",)
LENGTHS: Final = {"sku": 64, "product": 64, "name": 200, "brand": 100, "category": 100, "size": 40, "colour": 60}

_TRUTHS: Final = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_LARGEST_WEIGHT: Final = 2_147_483_647
_PRICES_BELOW: Final = Decimal(10) ** 10


@dataclass(frozen=True, slots=True)
class Article:
    """A line as a row of the bulk PUT of variants: what it does not tell is absent, what it tells as none is None."""

    line_number: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unusable:
    line_number: int
    code: str
    detail: str


class _Refused(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(slots=True)
class _Seen:
    """What earlier lines have told: nothing may be told twice, and a product needs its name only once."""

    skus: dict[str, int] = field(default_factory=dict)
    gtins: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def read_articles(
    stream: BinaryIO, *, delimiter: str, encoding: str, decimal_sign: str
) -> Iterator[Article | Unusable]:
    """Every line, in order. Raises `FileRefused` for a file that is not as declared."""
    seen = _Seen()
    for number, cells in read_cells(stream, delimiter=delimiter, encoding=encoding):
        try:
            yield Article(number, _values(number, cells, decimal_sign, seen))
        except _Refused as refused:
            yield Unusable(number, refused.code, refused.detail)


def read_cells(stream: BinaryIO, *, delimiter: str, encoding: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The number of every line, and what stands in our columns; of rejected lines that come back mended without what
    the report said of them. Raises `FileRefused`."""
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    is_mended = mended_articles(stream) is not None
    columns = (*COLUMNS, *REPORTED_BESIDE) if is_mended else COLUMNS
    for number, cells in read_sheet(
        stream, columns=columns, required=REQUIRED_COLUMNS, delimiter=delimiter, encoding=codec
    ):
        told = {column: text for column, text in cells.items() if column in COLUMNS}
        yield number, {column: as_it_was(text) for column, text in told.items()} if is_mended else told


def mended_articles(stream: BinaryIO) -> str | None:
    """What stands between the columns of a file of rejected articles that comes back; None for any other file."""
    return mended_delimiter(stream, columns=COLUMNS, required=REQUIRED_COLUMNS)


def _values(number: int, cells: Mapping[str, str], decimal_sign: str, seen: _Seen) -> dict[str, Any]:
    sku = cells["sku"]
    if not sku:
        raise _Refused("missing_sku", "The line names no SKU.")
    for column, most in LENGTHS.items():
        if len(cells.get(column, "")) > most:
            raise _Refused("invalid", f"{column}: at most {most} characters.")
    if (first := seen.skus.setdefault(sku, number)) != number:
        raise _Refused("duplicate_row", f"Line {first} already names this SKU.")
    values: dict[str, Any] = {"sku": sku}
    for column in ("size", "colour"):
        if column in cells:
            values[column] = cells[column] or None
    if "gtin" in cells:
        values["gtin"] = _gtin(cells["gtin"], number, seen)
    if cells.get("price"):
        values["price"] = _price(cells["price"], decimal_sign)
    if cells.get("currency"):
        values["currency"] = _currency(cells["currency"])
    if cells.get("weight_g"):
        values["weight_g"] = _weight(cells["weight_g"])
    for column in ("is_active", "is_hot"):
        if cells.get(column):
            values[column] = _truth(column, cells[column])
    product = _product(cells, seen)
    return values if product is None else {**values, "product": product}


def _product(cells: Mapping[str, str], seen: _Seen) -> dict[str, Any] | None:
    code = cells.get("product", "")
    if not code:
        if any(cells.get(column) for column in ("name", "brand", "category", "season_ends_on")):
            raise _Refused(
                "invalid", gettext_noop("product: a name, brand, category or season belongs to a product's code.")
            )
        return None
    product: dict[str, Any] = {"code": code}
    if name := cells.get("name") or seen.names.get(code):
        product["name"] = seen.names[code] = name
    for column in ("brand", "category"):
        if column in cells:
            product[column] = cells[column] or None
    if "season_ends_on" in cells:
        product["season_ends_on"] = _day(cells["season_ends_on"])
    return product


def _gtin(text: str, number: int, seen: _Seen) -> str | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and ean.is_valid(text)):
        raise _Refused("invalid_gtin", f"gtin: {text[:20]} has a wrong length or check digit.")
    if (first := seen.gtins.setdefault(text, number)) != number:
        raise _Refused("duplicate_gtin", f"gtin: line {first} already gives {text}.")
    return text


def _price(text: str, decimal_sign: str) -> Decimal:
    other = "." if decimal_sign == "," else ","
    try:
        price = Decimal(text.replace(decimal_sign, ".")) if other not in text else None
    except InvalidOperation:
        price = None
    if price is None or not price.is_finite() or price != price.quantize(Decimal("0.01")):
        raise _Refused("invalid_price", f"price: {text[:20]!r} is not an amount with at most two decimals.")
    if not 0 <= price < _PRICES_BELOW:
        raise _Refused("invalid_price", f"price: {text[:20]} is out of range.")
    return price.quantize(Decimal("0.01"))


def _currency(text: str) -> str:
    if not (len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()):
        raise _Refused("invalid", gettext_noop("currency: three capitals, for example EUR."))
    return text


def _weight(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _LARGEST_WEIGHT):
        raise _Refused("invalid", f"weight_g: {text[:20]!r} is not a whole number of grams.")
    return int(text)


def _truth(column: str, text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise _Refused("invalid", f"{column}: 1 or 0, true or false, yes or no.")
    return _TRUTHS[text.lower()]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise _Refused("invalid", f"season_ends_on: {text[:20]!r} is not a day like 2026-08-31.") from error
