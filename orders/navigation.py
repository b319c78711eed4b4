"""Orders in the admin's menu, and what waits for customer service."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access
from oms.core.navigation import Group, count, link, show
from orders.models import Fulfilment, Order, Parcel, Payment, PromiseAlert
from orders.states import Audience, FulfilmentState, OrderState, PaymentState

ORDERS = "admin:orders_order_changelist"
VIEW = "orders.view_order"

link(
    "admin:kept-promises",
    group=Group.ORDERS,
    icon="event_available",
    title=_("Promised against real"),
    allows=lambda user: user.has_perm(VIEW),
)
link(
    "admin:orders_order_queues",
    group=Group.ORDERS,
    icon="hourglass_top",
    title=_("Queues"),
    allows=lambda user: user.has_perm(VIEW),
)
show("orders.Order", group=Group.ORDERS, icon="receipt_long")
show("orders.Fulfilment", group=Group.ORDERS, icon="assignment")
show("orders.Parcel", group=Group.ORDERS, icon="package_2")
show("orders.Payment", group=Group.ORDERS, icon="credit_card")
show("orders.PromiseAlert", group=Group.ORDERS, icon="alarm")
show("orders.OrderBatch", group=Group.ORDERS, icon="checklist")
show("orders.OrderBatchRow", group=Group.ORDERS, icon="rule_folder")


def _needing_attention(access: Access) -> QuerySet[Order]:
    return Order.objects.visible_to(access).needing_attention()


def _held(access: Access) -> QuerySet[Order]:
    return Order.objects.visible_to(access).held()


def _waiting_for_stock(access: Access) -> QuerySet[Order]:
    return Order.objects.visible_to(access).waiting_for_stock()


def _late(access: Access) -> QuerySet[Order]:
    return Order.objects.visible_to(access).late()


def _unpaid(access: Access) -> QuerySet[Order]:
    return Order.objects.visible_to(access).placed().filter(state=OrderState.PENDING_PAYMENT)


def _to_be_verified(access: Access) -> QuerySet[Payment]:
    return Payment.objects.visible_to(access).filter(state=PaymentState.UNKNOWN)


def _offered(access: Access) -> QuerySet[Fulfilment]:
    return Fulfilment.objects.visible_to(access).live().filter(state=FulfilmentState.OFFERED)


def _without_label(access: Access) -> QuerySet[Parcel]:
    refused = Parcel.objects.filter(fulfilment__in=Fulfilment.objects.visible_to(access).live())
    return refused.exclude(label_error="")


_ORDER_COUNTS = (
    ("orders-needing-attention", _("Need a person"), "?attention=yes", _needing_attention, True),
    ("late-orders", _("Past their promise"), "?attention=late", _late, True),
    ("held-orders", _("On hold"), "?attention=held", _held, False),
    ("orders-waiting-for-stock", _("Waiting for stock"), "?attention=stock", _waiting_for_stock, False),
    ("unpaid-orders", _("Waiting for payment"), "?state__exact=pending_payment", _unpaid, False),
)
for _name, _title, _filter, _counted, _is_urgent in _ORDER_COUNTS:
    count(
        _name,
        group=Group.ORDERS,
        title=_title,
        link=(ORDERS, _filter),
        permission=VIEW,
        counted=_counted,
        is_urgent=_is_urgent,
    )
ALERTS = "admin:orders_promisealert_changelist"


def _told_to(audience: Audience) -> Callable[[Access], QuerySet[PromiseAlert]]:
    return lambda access: PromiseAlert.objects.visible_to(access).standing().filter(audience=audience)


for _name, _title, _filter, _audience, _is_urgent in (
    ("promises-in-danger", _("Milestones due soon or missed, told to stores"), "store", Audience.STORE, False),
    (
        "promises-of-regions",
        _("Missed milestones, told to regional managers"),
        "regional_manager",
        Audience.REGIONAL_MANAGER,
        True,
    ),
    (
        "promises-for-service",
        _("Promises for customer service to see to"),
        "customer_service",
        Audience.CUSTOMER_SERVICE,
        True,
    ),
):
    count(
        _name,
        group=Group.ORDERS,
        title=_title,
        link=(ALERTS, f"?standing=yes&audience__exact={_filter}"),
        permission="orders.view_promisealert",
        counted=_told_to(_audience),
        is_urgent=_is_urgent,
    )
count(
    "payments-to-verify",
    group=Group.ORDERS,
    title=_("Payments to be verified"),
    link=("admin:orders_payment_changelist", "?state__exact=unknown"),
    permission="orders.view_payment",
    counted=_to_be_verified,
    is_urgent=True,
)
count(
    "offered-work",
    group=Group.ORDERS,
    title=_("Work no store has accepted yet"),
    link=("admin:orders_fulfilment_changelist", "?state__exact=offered"),
    permission="orders.view_fulfilment",
    counted=_offered,
)
count(
    "refused-labels",
    group=Group.ORDERS,
    title=_("Labels a carrier refused"),
    link=("admin:orders_parcel_changelist", "?state__exact=label_pending"),
    permission="orders.view_parcel",
    counted=_without_label,
    is_urgent=True,
)
