"""Kept mails as a mail program shows them."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from django.db.models import Q, QuerySet

from oms.integrations.models import KeptMail


@dataclass(frozen=True, slots=True)
class Part:
    """A picture inside a mail, by its content id."""

    content_type: str
    content: bytes


def kept_mails(words: str = "") -> QuerySet[KeptMail]:
    """Newest first, without their contents; those to an address or about something, where words are given."""
    mails = KeptMail.objects.defer("raw").order_by("-pk")
    if words:
        mails = mails.filter(Q(subject__icontains=words) | Q(recipients__icontains=words))
    return mails


def text_of(mail: KeptMail) -> str:
    return _body(mail, "plain")


def html_of(mail: KeptMail) -> str:
    """As the customer's mail program would show it; empty where the mail has only text."""
    return _body(mail, "html")


def part_of(mail: KeptMail, content_id: str) -> Part | None:
    for part in _parsed(mail).walk():
        if part.get("Content-ID") == f"<{content_id}>" and not part.is_multipart():
            return Part(part.get_content_type(), part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
    return None


def _body(mail: KeptMail, kind: str) -> str:
    body = _parsed(mail).get_body(preferencelist=(kind,))  # type: ignore[arg-type]
    return "" if body is None else str(body.get_content())


def _parsed(mail: KeptMail) -> EmailMessage:
    return message_from_bytes(bytes(mail.raw), policy=policy.default)  # type: ignore[return-value]
