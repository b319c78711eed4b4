"""Where everything stands on a label, in printer dots.

One dot is 1/8 mm, the pitch of a 203 dpi thermal head, so a label of 100 × 150 mm is 800 × 1200 dots
and every bar and module is a whole number of dots wide. x runs right, y runs down from the top edge;
text stands on its baseline.
"""

from __future__ import annotations

from typing import NamedTuple

from orders.carriers.drawing import captions as words
from orders.carriers.drawing import code128, qr
from orders.carriers.drawing.captions import Captions
from orders.carriers.drawing.lettering import BOLD, LEADING, Lines, fit_line, fit_lines, printable, width
from orders.carriers.protocol import Address, LabelRequest

WIDTH, HEIGHT = 800, 1200
DOTS_PER_MM = 8

_LEFT, _RIGHT = 32, 768
_ACROSS = _RIGHT - _LEFT
_BAND = (24, 24, 752, 100)  # the black title: x, y, width, height
_RULES = (384, 796, 900)  # under the sender, the recipient, the facts
_RULE_HEIGHT = 3
_CELLS = (_LEFT, 300, 440, 600, _RIGHT)  # the facts' edges
_COUNTRY_BOX = (652, 690, 116, 86)
_SENDER_ROOM = (480, 150)
_BARS_TOP, _BARS_HEIGHT = 928, 184
_NUMBER_BASELINE = 1164
_WIDEST_BAR, _NARROWEST_BAR = 4, 2
_LARGEST_MODULE, _SMALLEST_MODULE = 6, 3
_ASCENT = 0.92  # of the font size: from the top of a line to its baseline


class Text(NamedTuple):
    x: int
    baseline: int
    size: int
    text: str
    is_bold: bool = False
    is_white: bool = False


class Box(NamedTuple):
    """A filled black rectangle."""

    x: int
    y: int
    width: int
    height: int


class Barcode(NamedTuple):
    x: int
    y: int
    module: int
    height: int
    text: str
    bars: list[tuple[int, int]]


class Matrix(NamedTuple):
    x: int
    y: int
    module: int
    text: str
    runs: list[tuple[int, int, int]]


class Layout(NamedTuple):
    """One label, ready to be written as PDF or ZPL."""

    boxes: list[Box]
    texts: list[Text]
    barcode: Barcode
    matrix: Matrix


FIXED_BOXES = [
    Box(*_BAND),
    *(Box(_LEFT, y, _RIGHT - _LEFT, _RULE_HEIGHT) for y in _RULES),
    *(Box(x, _RULES[1] + 16, 2, _RULES[2] - _RULES[1] - 32) for x in _CELLS[1:-1]),
    Box(*_COUNTRY_BOX),
]


def lay_out(request: LabelRequest, tracking_number: str) -> Layout:
    """Raises ValueError where a code would be too dense to print at 203 dpi."""
    captions = words.captions_in(request.language)
    texts = [
        *_title(captions, request),
        *_sender(captions, request.sender),
        *_recipient(captions, request.recipient),
        *_facts(captions, request),
        _number(tracking_number),
    ]
    return Layout(FIXED_BOXES, texts, _barcode(tracking_number), _matrix(qr.content(request, tracking_number)))


def _service(captions: Captions, request: LabelRequest) -> str:
    service = request.service_name.upper() or words.service_name(captions, request.service)
    return f"{service} · {words.hours(captions, *request.slot)}" if request.slot else service


def _title(captions: Captions, request: LabelRequest) -> list[Text]:
    baseline = _BAND[1] + 72
    count = fit_line(f"{request.parcel_index}/{request.parcel_count}", 180, (60, 24), BOLD)
    count_x = _BAND[0] + _BAND[2] - 20 - round(width(count.lines[0], count.size, BOLD))
    caption_x = count_x - 14 - round(width(captions.parcel, 24, BOLD))
    service = fit_line(_service(captions, request), caption_x - _LEFT - 44, (60, 20), BOLD)
    return [
        Text(_LEFT + 12, baseline, service.size, service.lines[0], is_bold=True, is_white=True),
        Text(caption_x, baseline, 24, captions.parcel, is_bold=True, is_white=True),
        Text(count_x, baseline, count.size, count.lines[0], is_bold=True, is_white=True),
    ]


def _sender(captions: Captions, sender: Address) -> list[Text]:
    lines = fit_lines((sender.name, sender.line1, sender.line2), _SENDER_ROOM, (26, 16))
    texts, end = _block(lines, _LEFT, 172)
    place = fit_lines((f"{_place(sender)} · {sender.country}",), (_SENDER_ROOM[0], 40), (26, 16))
    return [
        Text(_LEFT, 160, 18, captions.sender, is_bold=True),
        *texts,
        *_block(place, _LEFT, end)[0],
    ]


def _recipient(captions: Captions, recipient: Address) -> list[Text]:
    name, end = _block(fit_lines((recipient.name,), (_ACROSS, 90), (48, 20), BOLD), _LEFT, 432, is_bold=True)
    phone = f"{captions.phone} {recipient.phone}" if recipient.phone else ""
    phone_height = 34 if phone else 0
    left_over = _COUNTRY_BOX[1] - 8 - phone_height - end
    street, end = _block(fit_lines((recipient.line1, recipient.line2), (_ACROSS, left_over), (40, 16)), _LEFT, end)
    called = _block(fit_line(phone, _ACROSS, (26, 16)), _LEFT, end + 4)[0] if phone else []
    place = fit_lines((_place(recipient),), (_COUNTRY_BOX[0] - 20 - _LEFT, _COUNTRY_BOX[3]), (62, 20), BOLD)
    height = round(len(place.lines) * place.size * LEADING)
    where = _block(place, _LEFT, _COUNTRY_BOX[1] + (_COUNTRY_BOX[3] - height) // 2, is_bold=True)[0]
    country = fit_line(recipient.country, _COUNTRY_BOX[2] - 12, (62, 20), BOLD)
    country_x = _centred(country.lines[0], country.size, _COUNTRY_BOX[0], _COUNTRY_BOX[2])
    return [
        Text(_LEFT, 420, 20, captions.recipient, is_bold=True),
        *name,
        *street,
        *called,
        *where,
        Text(country_x, _COUNTRY_BOX[1] + 65, country.size, country.lines[0], is_bold=True, is_white=True),
    ]


def _place(address: Address) -> str:
    return f"{address.postcode} {printable(address.city).upper()}"


def _facts(captions: Captions, request: LabelRequest) -> list[Text]:
    facts = (
        (captions.order, request.order_number),
        (captions.weight, words.weight(captions, request.weight_g)),
        (captions.stock_point, request.stock_point),
        (captions.ships_on, words.day(captions, request.ships_on)),
    )
    texts = []
    for (caption, value), left, right in zip(facts, _CELLS, _CELLS[1:], strict=False):
        x = left if left == _LEFT else left + 14
        shown = fit_line(value, right - x - 10, (26, 14), BOLD)
        texts += [Text(x, 838, 17, caption), Text(x, 876, shown.size, shown.lines[0], is_bold=True)]
    return texts


def _number(tracking_number: str) -> Text:
    """The tracking number for people: its leading letters, then groups of four."""
    rest = tracking_number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = tracking_number[: len(tracking_number) - len(rest)]
    groups = [letters, *(rest[i : i + 4] for i in range(0, len(rest), 4))]
    shown = fit_line(" ".join(groups), _ACROSS, (44, 20), BOLD)
    return Text(_centred(shown.lines[0], shown.size, 0, WIDTH), _NUMBER_BASELINE, shown.size, shown.lines[0], True)


def _barcode(tracking_number: str) -> Barcode:
    symbol = code128.encode(tracking_number)
    module = min(_WIDEST_BAR, WIDTH // (symbol.width + 2 * code128.QUIET_MODULES))
    if module < _NARROWEST_BAR:
        raise ValueError(f"{tracking_number!r} is too long for a barcode that prints at 203 dpi.")
    x = (WIDTH - symbol.width * module) // 2
    return Barcode(x, _BARS_TOP, module, _BARS_HEIGHT, tracking_number, symbol.bars)


def _matrix(text: str) -> Matrix:
    """The QR code right of the sender: flush with the right margin, its quiet zone beyond."""
    symbol = qr.encode(text)
    top = _BAND[1] + _BAND[3]
    room = _RULES[0] - top
    module = min(_LARGEST_MODULE, room // (symbol.side + 2 * qr.QUIET_MODULES))
    if module < _SMALLEST_MODULE:
        raise ValueError(f"{text!r} is too long for the label's QR code.")
    side = symbol.side * module
    return Matrix(_RIGHT - side, top + (room - side) // 2, module, text, symbol.runs)


def _block(fitted: Lines, x: int, top: int, *, is_bold: bool = False) -> tuple[list[Text], int]:
    """Lines one under the other from `top`, and where the next thing may begin."""
    size, lines = fitted
    texts = [
        Text(x, round(top + size * (_ASCENT + index * LEADING)), size, line, is_bold)
        for index, line in enumerate(lines)
    ]
    return texts, round(top + len(lines) * size * LEADING)


def _centred(text: str, size: int, left: int, across: int) -> int:
    return left + round((across - width(text, size, BOLD)) / 2)
