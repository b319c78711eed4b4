"""A mail as it goes out: plain text and simple HTML that say the same, nothing loaded from elsewhere."""

from __future__ import annotations

from email.mime.image import MIMEImage
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from oms.integrations.mails.contents import Mail
from oms.integrations.mails.news import News
from oms.integrations.mails.wording import mail_about, why_you_get_this
from orders.queries.qr_codes import qr_png

_QR_NAME = "pickup-code"


def mail_message(news: News) -> EmailMultiAlternatives | None:
    """Addressed and in the customer's language; None when there is nothing true to tell any more."""
    with translation.override(news.language):
        mail = mail_about(news)
        return None if mail is None else _message(news, mail)


def _message(news: News, mail: Mail) -> EmailMultiAlternatives:
    shown = {"mail": mail, "shop": news.shop_name, "why": why_you_get_this(news), "language": news.language}
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=render_to_string("mails/mail.txt", shown),
        from_email=formataddr((news.shop_name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[news.order.customer_email],
        headers=_headers(news),
    )
    message.attach_alternative(render_to_string("mails/mail.html", shown | {"qr_name": _QR_NAME}), "text/html")
    if mail.qr:
        message.mixed_subtype = "related"  # type: ignore[attr-defined]
        message.attach(_picture(mail.qr))
    return message


def _headers(news: News) -> dict[str, str]:
    """One id per notification: should it be sent twice, a mail program that looks shows it once."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2]
    return {
        "Message-ID": f"<{news.notification.kind}.{news.notification.pk}.{news.order.number}@{domain}>",
        "Content-Language": news.language,
        "Auto-Submitted": "auto-generated",
    }


def _picture(text: str) -> MIMEImage:
    picture = MIMEImage(qr_png(text), "png")
    picture.add_header("Content-ID", f"<{_QR_NAME}>")
    picture.add_header("Content-Disposition", "inline", filename=f"{_QR_NAME}.png")
    return picture
