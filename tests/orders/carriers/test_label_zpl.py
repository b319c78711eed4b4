import re

import pytest

from orders.carriers.drawing import draw_zpl, lay_out
from orders.carriers.drawing.layout import HEIGHT, WIDTH
from orders.carriers.house import tracking_number
from orders.carriers.protocol import Address
from tests.orders.carriers.examples import RECIPIENTS, a_request

NUMBER = tracking_number(4217)


def zpl_for(**changes) -> str:
    return draw_zpl(lay_out(a_request(**changes), NUMBER))


def test_the_format_is_utf_8_for_a_label_of_800_by_1200_dots():
    lines = zpl_for().splitlines()
    assert lines[:5] == ["^XA", "^CI28", "^PW800", "^LL1200", "^LH0,0"]
    assert lines[-1] == "^XZ"


def test_the_printer_draws_code_128_from_the_tracking_number():
    assert "^FO110,928^BY4^BCN,184,N,N,N,N^FD>:HA>500000000421725^FS" in zpl_for().splitlines()


def test_the_printer_draws_the_qr_code_from_its_content():
    expected = f"^FO594,167^BY6,2,1^BQN,2,6^FH^FDMA,{NUMBER}*H26-0000421*FR*75011*1/2^FS"
    assert expected in zpl_for().splitlines()


def test_white_text_is_reversed_out_of_its_box():
    lines = zpl_for().splitlines()
    assert "^FO24,24^GB752,100,100^FS" in lines
    assert "^FT44,96^A0N,60,60^FR^FH^FDEXPRESS^FS" in lines


def test_accents_are_sent_as_they_are():
    assert "^FDEXPÉDITEUR^FS" in zpl_for(language="fr")


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("^XZ", "_5EXZ"),
        ("~JA", "_7EJA"),
        ("a_5Eb", "a_5F5Eb"),
        ("back\\slash", "back_5Cslash"),
        ("^~_\\", "_5E_7E_5F_5C"),
    ],
)
def test_what_the_printer_would_take_for_a_command_is_escaped(name, field):
    recipient = Address(name, "1 rue", "75001", "Paris", "FR")
    assert f"^FH^FD{field}^FS" in zpl_for(recipient=recipient)


def test_an_order_number_cannot_leave_its_field():
    assert "^FDMA,HA00000000421725*_5EXZ_7EJA*FR" in zpl_for(order_number="^XZ~JA")


@pytest.mark.parametrize("recipient", RECIPIENTS, ids=range(len(RECIPIENTS)))
def test_no_address_adds_a_command(recipient):
    commands = re.findall(r"[\^~].", zpl_for(recipient=recipient, sender=recipient))
    assert set(commands) == {"^X", "^C", "^P", "^L", "^F", "^G", "^A", "^B"}
    assert commands.count("^X") == 2
    assert "~" not in zpl_for(recipient=recipient, sender=recipient)


@pytest.mark.parametrize("recipient", RECIPIENTS, ids=range(len(RECIPIENTS)))
def test_every_field_starts_on_the_label(recipient):
    origins = re.findall(r"\^F[OT](\d+),(\d+)\^", zpl_for(recipient=recipient, sender=recipient))
    assert len(origins) >= 28
    assert all(0 < int(x) < WIDTH and 0 < int(y) < HEIGHT for x, y in origins)
