"""The payment link goes to the customer once more, to the address we know or to the right one."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.audit import record_audit
from oms.core.errors import Invalid, StateConflict
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from orders.models import Order, TimelineEntry
from orders.queries.payment_links import awaited_payment_url, is_mailed
from orders.services.timeline import note

RESENT, CORRECTED = "payment.link_resent", "payment.link_corrected"


@retry_on_conflict
@transaction.atomic
def resend_payment_link(*, order_id: int, email: str) -> Order:
    """Each request is a mail of its own; its address is the order's from now on. The time to pay stays as it is.

    Raises `StateConflict` once the link is over, where a marketplace alone writes to the customer, and where it was
    sent often enough or a moment ago (another address need not wait); `Invalid` without an address.
    """
    order = Order.objects.locked(order_id)
    if not awaited_payment_url(order) or order.pay_by is None or order.pay_by < clock.now():
        raise StateConflict(gettext_noop("This order no longer waits to be paid."), data={"state": order.state})
    if not is_mailed(order):
        raise StateConflict(
            gettext_noop("The marketplace writes to this customer: no mail is sent from here."),
            data={"state": order.state},
        )
    email = email.strip()
    if not email:
        raise Invalid(errors={"email": [gettext_noop("Say to which address the link is sent.")]})
    is_corrected = email != order.customer_email
    _refuse_too_often(order, is_corrected=is_corrected)
    if is_corrected:
        order.customer_email = email
        order.save(update_fields=["customer_email"])
        record_audit("order.email_corrected", subject=f"order:{order.number}")
    note(order_id=order_id, event=CORRECTED if is_corrected else RESENT)
    emit("payment.link_requested", order_id=order_id, wish=uuid.uuid4().hex)
    return order


def _refuse_too_often(order: Order, *, is_corrected: bool) -> None:
    """The order is locked: two who press at once are counted one after the other."""
    sent = list(TimelineEntry.objects.filter(order=order, event__in=[RESENT, CORRECTED]).values_list("at", flat=True))
    if len(sent) >= settings.PAYMENT_LINK_RESENT_AT_MOST:
        raise StateConflict(
            gettext_noop("The link was sent as often as it may be. Give the customer its address another way."),
            data={"state": order.state},
        )
    wait = timedelta(minutes=settings.PAYMENT_LINK_RESENT_AFTER_MINUTES)
    if sent and not is_corrected and max(sent) > clock.now() - wait:
        raise StateConflict(
            gettext_noop("The link was sent a moment ago. Wait a little before it is sent once more."),
            data={"state": order.state},
        )
