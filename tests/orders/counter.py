"""A shop that sells from the network: what tests of baskets and payments at the counter start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oms.core import clock
from oms.core.models import User
from orders.gateways import gateway_for
from orders.gateways.terminal import TERMINAL, Card, SimulatedTerminal
from orders.models import Basket, Order
from orders.queries.baskets import contents_of
from orders.services.basketing import add_to_basket, choose_delivery, note_customer, set_destination
from orders.services.checking_out import check_out
from orders.services.quoting import delivery_options
from orders.services.requests import Address, RequestedPayment
from orders.services.settling import hear_gateway, waiting_key
from stock.models import SalesChannel, StockPoint, Variant
from tests.factories.network import make_channel, make_stock_point, make_store, make_variant, unique
from tests.stock.making import receive

AT_TERMINAL = RequestedPayment(gateway=TERMINAL, method="card")
BY_LINK = RequestedPayment(gateway="simulated", method="payment_link")
HERE = Address(line1="1 place du Théâtre", postcode="59800", city="Lille", country="FR")


@dataclass
class Counter:
    """Lille sells; one shirt lies there, two in Lyon, three in the warehouse; a hat lies in Lille alone."""

    channel: SalesChannel
    lille: StockPoint
    lyon: StockPoint
    warehouse: StockPoint
    shirt: Variant
    hat: Variant
    seller: User

    def add(self, variant: Variant, quantity: int = 1, *, carried: bool = False) -> Basket:
        return add_to_basket(
            seller_id=self.seller.pk,
            stock_point_id=self.lille.pk,
            channel_id=self.channel.pk,
            variant_id=variant.pk,
            quantity=quantity,
            is_carried_out=carried,
        )

    def ready(self, basket: Basket) -> Basket:
        """With a delivery and a customer, as it is before it is paid."""
        choose_delivery(basket_id=basket.pk, option=self.home(basket))
        return self.named(basket)

    def home(self, basket: Basket) -> dict[str, Any]:
        """Home delivery in Lille, as it is told."""
        set_destination(basket_id=basket.pk, country="FR", postcode="59800")
        basket = Basket.objects.get(pk=basket.pk)
        told = delivery_options(basket=basket, contents=contents_of(basket))
        return next(option for option in told.options if option["mode"] == "home")

    def named(self, basket: Basket) -> Basket:
        return note_customer(
            basket_id=basket.pk,
            name="Camille Martin",
            email="camille@example.org",
            phone="+33 6 12 34 56 78",
            language="fr",
            has_consented=True,
            address=HERE,
        )

    def placed(self, payment: RequestedPayment = AT_TERMINAL) -> Order:
        """Two shirts on their way to Lille, one carried out."""
        basket = self.add(self.shirt, 2)
        self.add(self.shirt, carried=True)
        return check_out(basket_id=self.ready(basket).pk, payment=payment)


def open_counter() -> Counter:
    lille = make_store(name="Lille", latitude=50.63, longitude=3.06, postcode="59000")
    lyon = make_store(name="Lyon", latitude=45.76, longitude=4.84, postcode="69002")
    warehouse = make_stock_point(name="Orléans")
    shirt, hat = make_variant(), make_variant()
    for variant, point, units in ((shirt, lille, 1), (shirt, lyon, 2), (shirt, warehouse, 3), (hat, lille, 2)):
        receive(variant, point, units)
    channel = make_channel(kind="store")
    seller = User.objects.create_user(unique("seller"), password="x")
    seller.stock_point_members.create(stock_point=lille)
    return Counter(channel, lille, lyon, warehouse, shirt, hat, seller)


def key_of(order: Order) -> str:
    waiting = waiting_key(order)
    assert waiting is not None, clock.now()
    return waiting[1]


def present(order: Order, card: Card) -> Order:
    """At the terminal."""
    terminal = gateway_for(TERMINAL)
    assert isinstance(terminal, SimulatedTerminal)
    key = key_of(order)
    terminal.present_card(key, card)
    return hear_gateway(gateway=TERMINAL, key=key)
