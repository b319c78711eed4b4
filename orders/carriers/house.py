"""The built-in carrier: our own numbers and labels, no other company behind it.

A tracking number is `HA`, a serial of twelve digits and two check digits, sixteen characters in all:

    HA 0000 0000 4217 25

The check digits are ISO 7064 MOD 97-10 over the whole number (letters count as 10 to 35). They reveal
every single wrong character and every exchange of two characters, neighbours or not. The form of the
postal unions (UPU S10) was weighed and left: its eight digits last for 10⁸ parcels, its modulus 11
maps two remainders to the check digit 5 and so misses some single errors, and its last two letters
would name a postal operator that has nothing to do with the parcel.
"""

from __future__ import annotations

from stdnum.iso7064 import mod_97_10

from oms.core.errors import gettext_noop
from orders.carriers.drawing import draw_labels, draw_zpl, lay_out
from orders.carriers.protocol import CarrierRefused, Label, LabelRequest, TrackingUpdate

PREFIX = "HA"
SERIAL_DIGITS = 12
LARGEST_SERIAL = 10**SERIAL_DIGITS - 1
LENGTH = len(PREFIX) + SERIAL_DIGITS + 2


def tracking_number(serial: int) -> str:
    """The number of the serial's parcel; raises ValueError outside 1 … LARGEST_SERIAL."""
    if not 1 <= serial <= LARGEST_SERIAL:
        raise ValueError(f"A serial is between 1 and {LARGEST_SERIAL}, not {serial}.")
    body = f"{PREFIX}{serial:0{SERIAL_DIGITS}d}"
    return body + mod_97_10.calc_check_digits(body)


def is_valid_tracking_number(text: str) -> bool:
    """Whether the text is a number of ours exactly as `tracking_number` writes it."""
    digits = text[len(PREFIX) :]
    if len(text) != LENGTH or not text.startswith(PREFIX) or not (digits.isascii() and digits.isdigit()):
        return False
    # Compared rather than summed: 98 and 01, for example, sum alike, and only one of them is ours.
    return int(digits[:SERIAL_DIGITS]) > 0 and mod_97_10.calc_check_digits(text[:-2]) == text[-2:]


class HouseCarrier:
    """Numbers parcels from their serial and draws their labels: the same request, the same bytes."""

    name = "house"

    def buy(self, request: LabelRequest) -> Label:
        try:
            number = tracking_number(request.serial)
            layout = lay_out(request, number)
        except ValueError as error:
            raise CarrierRefused(str(error), data={"reference": request.reference}) from error
        return Label(number, draw_labels([layout]), draw_zpl(layout))

    def cancel(self, tracking_number: str) -> None:
        """Nobody else knows of the parcel, so there is nothing to give back."""
        self._refuse_foreign(tracking_number)

    def track(self, tracking_number: str) -> tuple[TrackingUpdate, ...]:
        """Always empty: whoever carries our parcels reports to us (`POST /carriers/house/events/`)."""
        self._refuse_foreign(tracking_number)
        return ()

    def _refuse_foreign(self, tracking_number: str) -> None:
        if not is_valid_tracking_number(tracking_number):
            raise CarrierRefused(
                gettext_noop("This is not a number of ours."), data={"tracking_number": tracking_number}
            )
