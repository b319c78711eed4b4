"""However often an event is delivered, and whoever does it at the same moment."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from oms.core import clock
from oms.core.errors import StateConflict
from oms.core.events import emit
from oms.core.models import EventDelivery
from oms.core.services.relaying import drain_events
from oms.integrations.models import Notification, NotificationKind
from oms.integrations.services.notifying import notify
from oms.integrations.services.sending import MailNotTaken, send_again, send_notification
from orders.models import Order
from tests.factories.retailer import Retailer, answered
from tests.integrations.reading import subjects, told
from tests.support.concurrently import at_once

ADDRESS = "camille@example.org"


@pytest.fixture
def unreliable(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """Answers of the mail server, one per mail, before it takes one."""
    answers: list[Exception] = []
    take = EmailBackend.send_messages

    def send(self: Any, messages: Any) -> int:
        if answers:
            raise answers.pop(0)
        return take(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send)
    return answers


def pending(retailer: Retailer) -> Notification:
    """A confirmation nobody has sent yet."""
    number = retailer.place({"shirt": 1})["number"]
    return notify_confirmed(Order.objects.select_related("channel").get(number=number))


def notify_confirmed(order: Order) -> Notification:
    notify(order=order, kind=NotificationKind.ORDER_CONFIRMED, subject=f"order:{order.pk}")
    return Notification.objects.get()


@pytest.mark.django_db
def test_an_event_heard_twice_is_told_once(retailer: Retailer) -> None:
    order = Order.objects.get(number=retailer.place({"shirt": 1})["number"])
    with transaction.atomic():
        emit("order.placed", order_id=order.pk)
    retailer.drain()

    assert len(subjects()) == 1


@pytest.mark.django_db
def test_a_delivery_repeated_after_it_was_sent_sends_nothing(retailer: Retailer) -> None:
    notification = pending(retailer)
    for _ in range(3):
        send_notification(notification_id=notification.pk)

    assert len(subjects()) == 1
    assert told() == {("order_confirmed", "sent")}


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_remember_it_once(retailer: Retailer) -> None:
    order = Order.objects.select_related("channel").get(number=retailer.place({"shirt": 1})["number"])
    subject = f"order:{order.pk}"

    def tell() -> Notification | None:
        return notify(order=order, kind=NotificationKind.ORDER_CONFIRMED, subject=subject)

    found = at_once([tell] * 4)

    assert len([each for each in found if each is not None]) == 1
    assert Notification.objects.count() == 1
    drain_events()
    assert len(subjects()) == 1


@pytest.mark.django_db
def test_a_mail_server_that_is_down_is_asked_again(retailer: Retailer, unreliable: list[Exception]) -> None:
    notification = pending(retailer)
    unreliable += [ConnectionRefusedError("nobody there"), smtplib.SMTPServerDisconnected("gone")]
    for _ in range(2):
        with pytest.raises(MailNotTaken):
            send_notification(notification_id=notification.pk)
    assert (told(), subjects()) == ({("order_confirmed", "pending")}, [])

    send_notification(notification_id=notification.pk)
    assert (told(), len(subjects())) == ({("order_confirmed", "sent")}, 1)
    assert Notification.objects.get().attempts == 2


@pytest.mark.django_db
def test_the_worker_tries_again_by_itself(retailer: Retailer, unreliable: list[Exception]) -> None:
    unreliable += [ConnectionRefusedError("nobody there")]
    retailer.place({"shirt": 1})
    drain_events(raising=False)

    waiting = EventDelivery.objects.get(subscription="oms.integrations.tasks.send_notification")
    assert (waiting.state, waiting.attempts) == ("pending", 0)  # no step towards the dead letters
    EventDelivery.objects.update(next_attempt_at=clock.now() - timedelta(hours=1))
    drain_events()
    assert len(subjects()) == 1


@pytest.mark.django_db
def test_the_same_message_keeps_its_id(retailer: Retailer, unreliable: list[Exception]) -> None:
    notification = pending(retailer)
    send_notification(notification_id=notification.pk)
    Notification.objects.all().delete()
    again = Notification.objects.create(
        pk=notification.pk, order=notification.order, kind=notification.kind, subject="x:1"
    )
    send_notification(notification_id=again.pk)

    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


@pytest.mark.django_db
def test_an_address_nobody_has_is_given_up_at_once(retailer: Retailer, unreliable: list[Exception]) -> None:
    notification = pending(retailer)
    unreliable.append(smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no such user " + ADDRESS.encode())}))
    send_notification(notification_id=notification.pk)

    assert told() == {("order_confirmed", "failed")}
    assert Notification.objects.get().last_error == "SMTPRecipientsRefused 550"


@pytest.mark.django_db
def test_an_address_that_asks_to_wait_is_not_given_up(retailer: Retailer, unreliable: list[Exception]) -> None:
    notification = pending(retailer)
    unreliable.append(smtplib.SMTPRecipientsRefused({ADDRESS: (450, b"busy")}))
    with pytest.raises(MailNotTaken):
        send_notification(notification_id=notification.pk)

    assert told() == {("order_confirmed", "pending")}


@pytest.mark.django_db
def test_after_three_days_it_is_given_up_and_a_person_may_send_it_after_all(
    retailer: Retailer, unreliable: list[Exception]
) -> None:
    notification = pending(retailer)
    unreliable.append(ConnectionRefusedError("nobody there"))
    with clock.clock_at(clock.now() + timedelta(days=4)):
        send_notification(notification_id=notification.pk)
    assert told() == {("order_confirmed", "failed")}

    send_again(notification_id=notification.pk)
    retailer.drain()
    assert (told(), len(subjects())) == ({("order_confirmed", "sent")}, 1)
    with pytest.raises(StateConflict):
        send_again(notification_id=notification.pk)
    assert len(subjects()) == 1


@pytest.mark.django_db
def test_what_is_no_longer_true_is_not_told(retailer: Retailer, unreliable: list[Exception]) -> None:
    number = retailer.place({"shirt": 1}, mode="pickup", pickup_point="paris")["number"]
    retailer.drain()
    mail.outbox.clear()
    unreliable.append(ConnectionRefusedError("nobody there"))
    ready = retailer.pick(retailer.accept(retailer.one_work(number)))
    drain_events(raising=False)
    answered(retailer.api.post(f"/fulfilments/{ready['id']}/collect/", {"code": retailer.code_for(ready)}), 200)

    send_notification(notification_id=Notification.objects.get(kind="pickup_ready").pk)

    assert ("pickup_ready", "dropped") in told()
    assert subjects() == []


@pytest.mark.django_db
def test_a_replay_of_the_past_tells_nobody(retailer: Retailer) -> None:
    order = Order.objects.select_related("channel").get(number=retailer.place({"shirt": 1})["number"])
    with clock.clock_at(clock.now() - timedelta(days=3)):
        assert notify(order=order, kind=NotificationKind.ORDER_CONFIRMED, subject="order:1") is None
    assert Notification.objects.count() == 0
