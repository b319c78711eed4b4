"""A mail backend for where there is no mail server: mails are kept in the database and read at /mailbox/."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from oms.integrations.models import KeptMail

KEPT_AT_MOST = 5_000


class MailboxBackend(BaseEmailBackend):
    """Django's mail backend; as at a mail server, what was handed over stays, whatever the caller does next."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        kept = [
            KeptMail(
                sender=message.from_email[:320],
                recipients=[recipient[:320] for recipient in message.recipients()],
                subject=str(message.subject)[:400],
                raw=message.message().as_bytes(),
            )
            for message in email_messages
        ]
        KeptMail.objects.bulk_create(kept)
        KeptMail.objects.filter(pk__lte=max((mail.pk for mail in kept), default=0) - KEPT_AT_MOST).delete()
        return len(kept)
