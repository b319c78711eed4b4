"""The payment link goes to the customer once more, to the address we know or to the right one."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.audit import record_audit
from oms.core.errors import Invalid, StateConflict
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from orders.models import Order
from orders.queries.payment_links import awaited_payment_url
from orders.services.timeline import note


@retry_on_conflict
@transaction.atomic
def resend_payment_link(*, order_id: int, email: str) -> Order:
    """Each request is a mail of its own; its address is the order's from now on. The time to pay stays as it is.

    Raises `StateConflict` once the link is over, `Invalid` without an address.
    """
    order = Order.objects.locked(order_id)
    if not awaited_payment_url(order) or order.pay_by is None or order.pay_by < clock.now():
        raise StateConflict(gettext_noop("This order no longer waits to be paid."), data={"state": order.state})
    email = email.strip()
    if not email:
        raise Invalid(errors={"email": [gettext_noop("Say to which address the link is sent.")]})
    is_corrected = email != order.customer_email
    if is_corrected:
        order.customer_email = email
        order.save(update_fields=["customer_email"])
        record_audit("order.email_corrected", subject=f"order:{order.number}")
    note(order_id=order_id, event="payment.link_corrected" if is_corrected else "payment.link_resent")
    emit("payment.link_requested", order_id=order_id, wish=uuid.uuid4().hex)
    return order
