import pytest

from orders.carriers.drawing import draw_labels, lay_out
from orders.carriers.house import tracking_number
from tests.orders.carriers.examples import RECIPIENTS, SENDER, a_request
from tests.orders.carriers.reading import codes_in, render


def test_the_examples_are_fifty_different_addresses():
    assert len(set(RECIPIENTS)) == 50


@pytest.mark.parametrize("index", range(len(RECIPIENTS)))
def test_a_reader_reads_both_codes_of_a_printed_label(index):
    recipient = RECIPIENTS[index]
    serial = (index + 1) * 19_999_999_999
    request = a_request(
        serial=serial,
        recipient=recipient,
        sender=RECIPIENTS[-index],
        language=("fr", "en")[index % 2],
        parcel_index=index + 1,
        parcel_count=50,
    )
    number = tracking_number(serial)
    code128, qr = codes_in(render(draw_labels([lay_out(request, number)])))
    assert code128 == [number]
    assert qr == [f"{number}*H26-0000421*{recipient.country}*{recipient.postcode}*{index + 1}/50"]


def test_a_reader_reads_a_long_order_number_and_the_longest_serial():
    request = a_request(order_number="marketplace/" + "9" * 60)
    number = tracking_number(999_999_999_999)
    code128, qr = codes_in(render(draw_labels([lay_out(request, number)])))
    assert code128 == [number]
    assert qr == [f"{number}*marketplace/{'9' * 60}*FR*75011*1/2"]


def test_every_page_of_a_batch_has_its_own_codes():
    numbers = [tracking_number(serial) for serial in (7, 8, 9)]
    pdf = draw_labels([lay_out(a_request(sender=SENDER), number) for number in numbers])
    assert [codes_in(render(pdf, page)).code128 for page in range(3)] == [[number] for number in numbers]
