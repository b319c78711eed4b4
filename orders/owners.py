"""What stock's reservations of orders look like to people."""

from collections.abc import Mapping

from django.urls import reverse

from orders.models import Order
from stock.queries.owners import Owner, name_owners


def _orders(numbers: list[str]) -> Mapping[str, Owner]:
    found = Order.objects.filter(number__in=numbers).values_list("number", "pk")
    return {number: Owner(number, reverse("admin:orders_order_change", args=[pk])) for number, pk in found}


name_owners("order", _orders)
