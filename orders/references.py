"""What references to orders and to what is done for them look like to people."""

from collections.abc import Mapping

from django.urls import reverse

from oms.core.queries.references import Reference, name_references
from orders.models import Fulfilment, Order, Parcel


def _page(order_id: int) -> str:
    return reverse("admin:orders_order_change", args=[order_id])


def _orders(numbers: list[str]) -> Mapping[str, Reference]:
    found = Order.objects.filter(number__in=numbers).values_list("number", "pk")
    return {number: Reference(number, _page(pk)) for number, pk in found}


def _fulfilments(keys: list[str]) -> Mapping[str, Reference]:
    found = Fulfilment.objects.filter(pk__in=_numeric(keys)).values_list("pk", "order_id", "order__number")
    return {str(pk): Reference(number, _page(order_id)) for pk, order_id, number in found}


def _parcels(keys: list[str]) -> Mapping[str, Reference]:
    found = Parcel.objects.filter(pk__in=_numeric(keys)).values_list(
        "pk", "tracking_number", "fulfilment__order_id", "fulfilment__order__number"
    )
    return {str(pk): Reference(tracking or number, _page(order_id)) for pk, tracking, order_id, number in found}


def _numeric(keys: list[str]) -> list[int]:
    return [int(key) for key in keys if key.isdecimal()]


name_references("order", _orders)
name_references("fulfilment", _fulfilments)
name_references("offer", _fulfilments)
name_references("parcel", _parcels)
