"""What a seller puts into a basket, takes out of it, and notes down with the customer.

Whatever changes its lines or where they go takes the chosen delivery back: it was told for another basket.
Units kept for it are given back first, because stock is locked before baskets are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.errors import Invalid, NotFound, StateConflict
from oms.core.retrying import retry_on_conflict
from oms.orchestration.services.promise_tokens import promise_in
from orders.errors import UnknownSku
from orders.models import Basket, BasketLine
from orders.queries.baskets import contents_of
from orders.services.addresses import check_address
from orders.services.requests import Address, Slot
from orders.services.slotting import slots_of
from orders.states import Mode
from stock.errors import InsufficientStock
from stock.models import Variant
from stock.queries.holds import hold_reservations
from stock.services.holding import hold_units
from stock.services.releasing import release_reservations
from stock.services.reserving import Want

MOST_UNITS = 999
_DETAILS = ("relay_point", "slot_from", "slot_to")
MOST_LINES = 100
MOST_RELAY_NAME = 60
# How long the delivered lines are kept once the customer has chosen a delivery.
HELD_FOR = timedelta(minutes=15)
# A sale is made in one go, at most it is slept over: what is older is forgotten.
IDLE_AFTER = timedelta(days=2)


@retry_on_conflict
@transaction.atomic
def add_to_basket(
    *,
    seller_id: int,
    stock_point_id: int | None,
    channel_id: int,
    variant_id: int,
    quantity: int = 1,
    is_carried_out: bool = False,
) -> Basket:
    """Put units into the seller's basket, which is opened with the first. Raises `InsufficientStock` where
    there are not that many: then the basket stays as it was.
    """
    basket, _ = Basket.objects.open().get_or_create(
        seller_id=seller_id, stock_point_id=stock_point_id, order=None, defaults={"channel_id": channel_id}
    )
    if not Variant.objects.filter(pk=variant_id, is_active=True).exists():
        raise UnknownSku
    basket = _taken_up(basket.pk)
    line = BasketLine.objects.filter(basket=basket, variant_id=variant_id, is_carried_out=is_carried_out).first()
    if line is None and BasketLine.objects.filter(basket=basket).count() >= MOST_LINES:
        raise Invalid(f"A basket has up to {MOST_LINES} lines.")
    line = line or BasketLine(basket=basket, variant_id=variant_id, is_carried_out=is_carried_out, quantity=0)
    _set_quantity(basket, line, line.quantity + quantity)
    return basket


@retry_on_conflict
@transaction.atomic
def change_basket_line(*, basket_id: int, line_id: int, quantity: int, is_carried_out: bool | None = None) -> Basket:
    """The line's units, and whether they are carried out; none takes the line out.

    Raises `InsufficientStock`, and then the line stays as it was.
    """
    basket = _taken_up(basket_id)
    line = BasketLine.objects.filter(basket=basket, pk=line_id).first()
    if line is None:
        raise NotFound(gettext_noop("There is no such line in this basket."))
    if quantity <= 0:
        line.delete()
        return basket
    way = line.is_carried_out if is_carried_out is None else is_carried_out
    twin = BasketLine.objects.filter(basket=basket, variant_id=line.variant_id, is_carried_out=way)
    other = twin.exclude(pk=line.pk).first()
    if other is not None:
        quantity += other.quantity
        other.delete()
    line.is_carried_out = way
    _set_quantity(basket, line, quantity)
    return basket


@retry_on_conflict
@transaction.atomic
def empty_basket(*, basket_id: int) -> None:
    """The customer goes: nothing of it is kept."""
    _taken_up(basket_id).delete()


@transaction.atomic
def forget_idle_baskets(*, limit: int = 500) -> int:
    """Baskets nobody paid for, with what they say of the customer; how many. What was kept has lapsed long ago."""
    idle = Basket.objects.open().filter(opened_at__lt=clock.now() - IDLE_AFTER).order_by("pk")
    ids = list(idle.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    Basket.objects.filter(pk__in=ids).delete()
    return len(ids)


def _set_quantity(basket: Basket, line: BasketLine, quantity: int) -> None:
    if not 1 <= quantity <= MOST_UNITS:
        raise Invalid(f"A line has 1 to {MOST_UNITS} units.", errors={"quantity": [gettext_noop("Out of range.")]})
    if line.is_carried_out and basket.stock_point_id is None:
        raise Invalid(gettext_noop("Nothing can be carried out of a shop by telephone."))
    line.quantity = quantity
    line.save()
    refuse_short(basket, only=line)


def refuse_short(basket: Basket, *, only: BasketLine | None = None) -> None:
    """Raises `InsufficientStock` naming what there is too little of, in the whole basket or for one line."""
    short = [content for content in contents_of(basket).short if only is None or content.line.pk == only.pk]
    if short:
        raise InsufficientStock(
            data={
                "lines": [
                    {
                        "sku": content.line.variant.sku,
                        "requested": content.wanted,
                        "available": max(0, content.most),
                        "carried_out": content.line.is_carried_out,
                    }
                    for content in short
                ]
            }
        )


def _taken_up(basket_id: int) -> Basket:
    """The basket, locked, with the delivery chosen for it taken back. Raises `NotFound` once it is an order."""
    _give_hold_back(basket_id)
    basket = _locked(basket_id)
    if basket.promise is not None or basket.held_until is not None or basket.mode:
        basket.promise, basket.held_until, basket.mode = None, None, ""
        _forget_details(basket)
        basket.save(update_fields=["promise", "held_until", "mode", *_DETAILS])
    return basket


def _forget_details(basket: Basket) -> None:
    """Where or when was said for another delivery."""
    basket.relay_point, basket.slot_from, basket.slot_to = "", None, None


def _locked(basket_id: int) -> Basket:
    basket = Basket.objects.open().select_related("channel", "stock_point").filter(pk=basket_id)
    found = basket.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise NotFound(gettext_noop("This basket is an order by now."))
    return found


def _give_hold_back(basket_id: int) -> None:
    basket = Basket.objects.only("reference").get(pk=basket_id)
    release_reservations(ids=[held.pk for held in hold_reservations(basket.hold_reference)])


@retry_on_conflict
@transaction.atomic
def set_destination(*, basket_id: int, country: str, postcode: str, pickup_point_id: int | None = None) -> Basket:
    """Where deliveries are quoted for. Raises `BadAddress` for a postcode the country does not have."""
    country, postcode = country.strip().upper(), postcode.strip()
    if postcode or country:
        check_address(Address(line1="-", city="-", country=country, postcode=postcode))
    basket = _taken_up(basket_id)
    known = basket.shipping_address or {}
    if (known.get("country"), known.get("postcode")) != (country, postcode):
        basket.shipping_address = {"country": country, "postcode": postcode} if country else None
    basket.pickup_point_id = pickup_point_id
    basket.save(update_fields=["shipping_address", "pickup_point"])
    return basket


@retry_on_conflict
@transaction.atomic
def choose_delivery(*, basket_id: int, option: dict[str, Any]) -> Basket:
    """Keep the delivery the customer chose, as it was told, and its units where they are to be sent from, for as
    long as `HELD_FOR`. Raises `InsufficientStock` where somebody was faster; then nothing is chosen.
    """
    read = Basket.objects.open().filter(pk=basket_id).first()
    if read is None:
        raise NotFound(gettext_noop("This basket is an order by now."))
    until = clock.now() + HELD_FOR
    wants, waiting = _kept_of(option)
    # What is still to come cannot be held: it is promised when the order is placed.
    hold_units(reference=read.hold_reference, channel_id=read.channel_id, wants=wants, expires_at=until)
    basket = _locked(basket_id)
    if _units(basket) != _sum(wants) + waiting:
        raise Invalid(
            gettext_noop("This delivery was told for another basket."),
            errors={"delivery": [gettext_noop("Choose it again.")]},
        )
    basket.mode, basket.promise, basket.held_until = option["mode"], option, until if wants else None
    _forget_details(basket)
    basket.save(update_fields=["mode", "promise", "held_until", *_DETAILS])
    return basket


@transaction.atomic
def choose_relay_point(*, basket_id: int, name: str) -> Basket:
    """Where the customer fetches the parcel. Raises `StateConflict` where another delivery was chosen meanwhile."""
    basket = _chosen(basket_id, Mode.RELAY)
    name = name.strip()
    if not name or len(name) > MOST_RELAY_NAME:
        raise Invalid(errors={"relay_point": [gettext_noop("Needed for delivery to a relay point.")]})
    basket.relay_point = name
    basket.save(update_fields=["relay_point"])
    return basket


@transaction.atomic
def choose_slot(*, basket_id: int, slot: Slot) -> Basket:
    """When somebody is at home. Raises `Invalid` for hours that the delivery does not offer."""
    basket = _chosen(basket_id, Mode.SLOT)
    if slot not in slots_of(basket):
        raise Invalid(errors={"slot": [gettext_noop("These hours are not offered (any more).")]})
    basket.slot_from, basket.slot_to = slot.from_, slot.to
    basket.save(update_fields=["slot_from", "slot_to"])
    return basket


def _chosen(basket_id: int, mode: Mode) -> Basket:
    basket = _locked(basket_id)
    if basket.mode != mode:
        raise StateConflict(gettext_noop("Another delivery was chosen."), data={"state": basket.mode})
    return basket


def _kept_of(option: dict[str, Any]) -> tuple[list[Want], Counter[int]]:
    """What is reserved for it where it is to be sent from, and what of it has still to come, by variant."""
    if option["token"]:
        promise = promise_in(option["token"])
        wants = [
            Want(variant_id, parcel.stock_point_id, quantity)
            for parcel in promise.parcels
            for variant_id, quantity in parcel.units
        ]
        later: Counter[int] = Counter()
        for each in promise.later:
            later[each.variant_id] += each.quantity
        return wants, later
    # Nothing of it is there and no day is known: nothing is promised.
    waiting = {each["sku"]: each["quantity"] for each in option["waiting"]}
    variants = Variant.objects.filter(sku__in=waiting).values_list("sku", "pk")
    return [], Counter({pk: waiting[sku] for sku, pk in variants})


def _sum(wants: Sequence[Want]) -> Counter[int]:
    units: Counter[int] = Counter()
    for want in wants:
        units[want.variant_id] += want.quantity
    return units


def _units(basket: Basket) -> Counter[int]:
    """The delivered ones, by variant."""
    lines = BasketLine.objects.filter(basket=basket, is_carried_out=False)
    return Counter(dict(lines.values_list("variant_id", "quantity")))


@retry_on_conflict
@transaction.atomic
def note_customer(
    *,
    basket_id: int,
    name: str,
    email: str,
    phone: str,
    language: str,
    has_consented: bool,
    address: Address | None,
) -> Basket:
    """What is written down of the customer, for this order only. An address elsewhere than what the delivery
    was told for takes the chosen delivery back. Raises `Invalid` naming each field.
    """
    basket = _locked(basket_id)
    is_delivered = BasketLine.objects.filter(basket=basket, is_carried_out=False).exists()
    errors: dict[str, list[str]] = {}
    if is_delivered and not name:
        errors["name"] = ["Needed to deliver."]
    if is_delivered and not (email or phone):
        errors["email"] = [gettext_noop("A mail address or a telephone number is needed.")]
    if (name or email or phone) and not has_consented:
        errors["consent"] = [gettext_noop("Needed to keep these details.")]
    if errors:
        raise Invalid(errors=errors)
    if address is not None:
        check_address(address)
        _put_address(basket, address)
    basket.customer_name, basket.customer_email, basket.customer_phone = name, email, phone
    basket.language = language
    basket.consented_at = clock.now() if has_consented else None
    basket.save()
    return basket


def _put_address(basket: Basket, address: Address) -> None:
    told_for = basket.shipping_address or {}
    given = {name: getattr(address, name) for name in ("line1", "line2", "postcode", "city", "country")}
    basket.shipping_address = {name: value for name, value in given.items() if value}
    if (told_for.get("country"), told_for.get("postcode")) != (address.country, address.postcode):
        basket.promise, basket.mode = None, ""
