"""What customers were sent, as the mail server got it."""

from __future__ import annotations

import html
import re
from typing import Any

from django.core import mail

from oms.integrations.models import Notification


def subjects() -> list[str]:
    return [message.subject for message in mail.outbox]


def text() -> str:
    """The text of the only mail since the outbox was emptied."""
    (message,) = mail.outbox
    return str(message.body)


def html_of(message: Any) -> str:
    (found,) = [content for content, kind in message.alternatives if kind == "text/html"]
    return str(found)


def words_of(message: Any) -> str:
    """The HTML as it is read."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", html_of(message).partition("<body")[2])).split())


def told() -> set[tuple[str, str]]:
    """(kind, state) of every notification; no two of a kind."""
    rows = list(Notification.objects.values_list("kind", "state"))
    assert len(rows) == len(set(rows)), rows
    return set(rows)
