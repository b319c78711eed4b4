import subprocess
import sys
from dataclasses import replace

import pytest

from oms.core.errors import OmsError, Retryable
from orders import carriers
from orders.carriers.house import LARGEST_SERIAL, tracking_number
from orders.carriers.protocol import CarrierRefused, CarrierUnavailable, UnknownCarrier
from tests.orders.carriers.examples import a_request
from tests.orders.carriers.reading import codes_in, render


@pytest.fixture
def house():
    return carriers.named("house")


def test_a_bought_label_has_a_number_a_pdf_and_zpl(house):
    label = house.buy(a_request())
    assert label.tracking_number == "HA00000000421725"
    assert codes_in(render(label.pdf)).code128 == ["HA00000000421725"]
    assert ">:HA>500000000421725^FS" in label.zpl


def test_buying_again_gives_the_same_label_to_the_byte(house):
    request = a_request()
    assert house.buy(request) == house.buy(replace(request))


def test_every_parcel_has_its_own_number(house):
    numbers = {house.buy(a_request(serial=serial)).tracking_number for serial in range(1, 21)}
    assert len(numbers) == 20


@pytest.mark.parametrize("serial", [0, LARGEST_SERIAL + 1])
def test_refuses_a_serial_without_a_number(house, serial):
    with pytest.raises(CarrierRefused) as refused:
        house.buy(a_request(serial=serial))
    assert refused.value.code == "carrier_refused"
    assert refused.value.data == {"reference": a_request().reference}


def test_refuses_what_cannot_be_printed(house):
    with pytest.raises(CarrierRefused, match="too long for the label's QR code"):
        house.buy(a_request(order_number="é" * 500))


def test_nothing_is_known_of_a_parcel_but_what_others_report(house):
    number = tracking_number(1)
    assert house.track(number) == ()
    assert house.cancel(number) is None
    assert house.cancel(number) is None


@pytest.mark.parametrize("ask", ["track", "cancel"])
def test_refuses_a_number_of_somebody_else(house, ask):
    with pytest.raises(CarrierRefused) as refused:
        getattr(house, ask)("1Z999AA10123456784")
    assert refused.value.data == {"tracking_number": "1Z999AA10123456784"}


def test_an_unknown_carrier_is_refused_by_name():
    with pytest.raises(UnknownCarrier) as refused:
        carriers.named("pigeon")
    assert (refused.value.code, refused.value.data) == ("unknown_carrier", {"carrier": "pigeon"})


def test_only_an_absent_carrier_is_tried_again():
    assert issubclass(CarrierUnavailable, Retryable)
    assert issubclass(CarrierRefused, OmsError)
    assert not issubclass(CarrierRefused, Retryable)


def test_carriers_need_neither_django_nor_a_drawing_until_named():
    program = (
        "import sys; from orders import carriers; "
        "print('reportlab' in sys.modules, end=' '); carriers.named('house'); "
        "print('django' in sys.modules, 'reportlab' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "False False True\n"
