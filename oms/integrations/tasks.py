"""What is told to customers: events heard, and the hours looked at."""

from celery import shared_task

from oms.core.tasking import event_task
from oms.integrations.models import NotificationKind, WebhookEvent
from oms.integrations.services import notifying, publishing, purging, sending, watching, webhook_delivering


@event_task()
def tell_confirmation(*, order_id: int) -> None:
    notifying.tell_of_order(order_id=order_id, kind=NotificationKind.ORDER_CONFIRMED)


@event_task()
def tell_payment_awaited(*, order_id: int) -> None:
    notifying.tell_of_order(order_id=order_id, kind=NotificationKind.PAYMENT_AWAITED)


@event_task()
def tell_payment_link(*, order_id: int, wish: str) -> None:
    notifying.tell_on_wish(order_id=order_id, kind=NotificationKind.PAYMENT_AWAITED, wish=wish)


@event_task()
def tell_receipt(*, order_id: int, wish: str) -> None:
    notifying.tell_on_wish(order_id=order_id, kind=NotificationKind.RECEIPT, wish=wish)


@event_task()
def tell_shipment(*, order_id: int, fulfilment_id: int, parcel_id: int) -> None:
    notifying.tell_of_shipment(fulfilment_id=fulfilment_id, parcel_id=parcel_id)


@event_task()
def tell_pickup(*, order_id: int, fulfilment_id: int) -> None:
    notifying.tell_of_pickup(order_id=order_id, fulfilment_id=fulfilment_id, kind=NotificationKind.PICKUP_READY)


@event_task()
def tell_collection(*, order_id: int, fulfilment_id: int) -> None:
    notifying.tell_of_pickup(order_id=order_id, fulfilment_id=fulfilment_id, kind=NotificationKind.ORDER_COLLECTED)


@event_task()
def tell_cancellation(*, order_id: int) -> None:
    notifying.tell_of_cancellation(order_id=order_id)


@event_task()
def tell_cancelled_articles(*, order_id: int) -> None:
    notifying.tell_of_cancelled_articles(order_id=order_id)


@event_task()
def tell_new_day(*, order_id: int, repromise_id: int) -> None:
    notifying.tell_of_new_day(order_id=order_id, repromise_id=repromise_id)


@event_task()
def tell_expiry(*, order_id: int) -> None:
    notifying.tell_of_order(order_id=order_id, kind=NotificationKind.ORDER_EXPIRED)


@event_task()
def tell_payment_return(*, order_id: int) -> None:
    notifying.tell_of_order(order_id=order_id, kind=NotificationKind.PAYMENT_RETURNED)


@event_task()
def tell_refund(*, order_id: int, operation_id: int) -> None:
    notifying.tell_of_refund(order_id=order_id, operation_id=operation_id)


@event_task()
def tell_return(*, order_id: int | None, return_id: int) -> None:
    notifying.tell_of_return(order_id=order_id, return_id=return_id)


@event_task(queue="deliveries", atomic=False, batch=5)
def send_notification(*, notification_id: int) -> None:
    sending.send_notification(notification_id=notification_id)


@event_task()
def publish_placed(*, order_id: int, **_: object) -> None:
    publishing.publish_of_order(event=WebhookEvent.ORDER_PLACED, order_id=order_id)


@event_task()
def publish_cancelled(*, order_id: int, **_: object) -> None:
    publishing.publish_of_order(event=WebhookEvent.ORDER_CANCELLED, order_id=order_id)


@event_task()
def publish_handed_over(*, order_id: int, **_: object) -> None:
    publishing.publish_of_order(event=WebhookEvent.PARCEL_HANDED_OVER, order_id=order_id)


@event_task()
def publish_collected(*, order_id: int, **_: object) -> None:
    publishing.publish_of_order(event=WebhookEvent.FULFILMENT_COLLECTED, order_id=order_id)


@event_task()
def publish_accepted_transfer(*, transfer_id: int, **_: object) -> None:
    publishing.publish_of_transfer(event=WebhookEvent.TRANSFER_ACCEPTED, transfer_id=transfer_id)


@event_task()
def publish_cancelled_transfer(*, transfer_id: int, **_: object) -> None:
    publishing.publish_of_transfer(event=WebhookEvent.TRANSFER_CANCELLED, transfer_id=transfer_id)


@event_task()
def publish_shipped_transfer(*, transfer_id: int, **_: object) -> None:
    publishing.publish_of_transfer(event=WebhookEvent.TRANSFER_SHIPPED, transfer_id=transfer_id)


@event_task()
def publish_received_transfer(*, transfer_id: int, **_: object) -> None:
    publishing.publish_of_transfer(event=WebhookEvent.TRANSFER_RECEIVED, transfer_id=transfer_id)


@shared_task(ignore_result=True)
def publish_availability() -> None:
    publishing.publish_availability()


@shared_task(ignore_result=True)
def deliver_webhooks() -> None:
    webhook_delivering.deliver_due()


@shared_task(ignore_result=True)
def tell_delays() -> None:
    watching.tell_delays()


@shared_task(ignore_result=True)
def tell_expiring_pickups() -> None:
    watching.tell_expiring_pickups()


@shared_task
def purge_webhook_messages() -> None:
    purging.purge_webhook_messages()
