"""Handing mails to the mail server: outside any transaction, tried again while that may help."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.audit import record_audit
from oms.core.errors import Retryable
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from oms.integrations.mails.news import News
from oms.integrations.mails.rendering import mail_message
from oms.integrations.models import Notification
from oms.integrations.states import NOTIFICATION_MOVES, NotificationState

logger = structlog.get_logger(__name__)

# A mail server that has not taken it by then never will.
GIVEN_UP_AFTER = timedelta(days=3)
_LONGEST_ERROR = 300


class MailNotTaken(Retryable):
    code = "mail_not_taken"
    default_detail = gettext_noop("The mail server has not taken the mail.")


def send_notification(*, notification_id: int) -> None:
    """Send it unless it was. The caller holds the only lease on it.

    Raises `MailNotTaken` where the same mail may be taken later. Should the process die between the mail
    server's answer and the mark, it is sent again under the same Message-ID.
    """
    needed = Notification.objects.select_related("order__channel__banner", "order__pickup_point__banner")
    notification = needed.get(pk=notification_id)
    if notification.state != NotificationState.PENDING:
        return
    message = mail_message(News(notification))
    if message is None:
        _finish(notification, NotificationState.DROPPED)
        return
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        # Nobody has this address: asking again cannot help, unless the server only asks us to wait.
        if all(status >= 500 for status, _ in error.recipients.values()):
            _fail(notification, error)
            return
        _wait(notification, error)
    except (OSError, smtplib.SMTPException) as error:
        _wait(notification, error)
    else:
        _finish(notification, NotificationState.SENT)


@retry_on_conflict
@transaction.atomic
def send_again(*, notification_id: int) -> None:
    """A person wants a failed one sent after all. Raises `StateConflict` for one that has not failed."""
    notification = Notification.objects.get(pk=notification_id)
    NOTIFICATION_MOVES.move(notification, NotificationState.PENDING, created_at=clock.now())
    record_audit("notification.requested", subject=f"notification:{notification_id}")
    emit("notification.requested", notification_id=notification_id)


def _wait(notification: Notification, error: Exception) -> None:
    if clock.now() - notification.created_at > GIVEN_UP_AFTER:
        _fail(notification, error)
        return
    _count_attempt(notification, error)
    raise MailNotTaken from error


def _fail(notification: Notification, error: Exception) -> None:
    logger.warning("notification.failed", notification=notification.pk, error=type(error).__name__)
    _count_attempt(notification, error)
    _finish(notification, NotificationState.FAILED)


def _count_attempt(notification: Notification, error: Exception) -> None:
    Notification.objects.filter(pk=notification.pk).update(attempts=F("attempts") + 1, last_error=_told(error))


def _told(error: Exception) -> str:
    """Without what a mail server says in its own words: it may name the customer's address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = ", ".join(sorted({str(status) for status, _ in error.recipients.values()}))
    elif isinstance(error, smtplib.SMTPResponseException):
        said = str(error.smtp_code)
    else:
        said = str(error) if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException) else ""
    return f"{type(error).__name__} {said}".strip()[:_LONGEST_ERROR]


def _finish(notification: Notification, state: NotificationState) -> None:
    """A guarded move; where another worker was faster, its word stands."""
    changes = {"sent_at": clock.now(), "last_error": ""} if state == NotificationState.SENT else {}
    NOTIFICATION_MOVES.move_all(
        Notification.objects.filter(pk=notification.pk), frm=NotificationState.PENDING, to=state, **changes
    )
