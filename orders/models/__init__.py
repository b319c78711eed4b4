"""Baskets, orders, payments, fulfilments, parcels and pickups."""

from orders.models.alerts import PromiseAlert
from orders.models.allocations import Allocation
from orders.models.baskets import Basket, BasketLine
from orders.models.batches import BatchAction, OrderBatch, OrderBatchRow, RowOutcome
from orders.models.fulfilments import Exclusion, Fulfilment
from orders.models.orders import Order, OrderHold, OrderLine, TimelineEntry
from orders.models.parcels import CarrierEvent, Label, Parcel, ParcelLine
from orders.models.payments import Payment, PaymentOperation
from orders.models.pickups import Pickup
from orders.models.repromises import Repromise
from orders.models.simulated import SimulatedTransaction

__all__ = [
    "Allocation",
    "Basket",
    "BasketLine",
    "BatchAction",
    "CarrierEvent",
    "Exclusion",
    "Fulfilment",
    "Label",
    "Order",
    "OrderBatch",
    "OrderBatchRow",
    "OrderHold",
    "OrderLine",
    "Parcel",
    "ParcelLine",
    "Payment",
    "PaymentOperation",
    "Pickup",
    "PromiseAlert",
    "Repromise",
    "RowOutcome",
    "SimulatedTransaction",
    "TimelineEntry",
]
