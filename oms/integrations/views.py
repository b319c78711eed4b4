"""/mailbox/: the mails that were kept instead of sent, for whoever tries the product out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from oms.core.logins import address_of
from oms.core.middleware import POLICY_HEADER
from oms.integrations.models import KeptMail
from oms.integrations.queries.kept_mails import html_of, kept_mails, part_of, text_of

MAILS_PER_PAGE = 30
MAILBOX = "oms.integrations.mailbox.MailboxBackend"
# A mail is somebody else's page: it may show its own pictures and styles, and do nothing.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'; sandbox allow-popups"
)

View = Callable[..., HttpResponse]


def for_whoever_runs_it(view: View) -> View:
    """Mails hold what only their customers may know: in production for superusers alone, while developing also
    for whoever sits at this machine. Nobody else is told that there is such a page.
    """

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: object) -> HttpResponse:
        is_here = settings.DEBUG and ip_address(address_of(request)).is_loopback
        is_superuser = request.user.is_active and request.user.is_superuser  # type: ignore[union-attr]
        if settings.EMAIL_BACKEND != MAILBOX or not (is_here or is_superuser):
            raise Http404
        return view(request, **kwargs)

    return require_safe(guarded)


@for_whoever_runs_it
def mailbox(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The list, and one mail beside it."""
    words = request.GET.get("q", "").strip()[:100]
    page = Paginator(kept_mails(words), MAILS_PER_PAGE).get_page(request.GET.get("page"))
    chosen = get_object_or_404(KeptMail, pk=pk) if pk is not None else None
    shown: dict[str, Any] = {"page": page, "words": words, "chosen": chosen}
    if chosen is not None:
        shown |= {"text": text_of(chosen), "has_html": bool(html_of(chosen))}
    return render(request, "mailbox/mailbox.html", shown)


@for_whoever_runs_it
@xframe_options_sameorigin
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail alone, to be shown in a frame; its pictures come from beside it."""
    pictures = reverse("mailbox:part", args=[pk, "x"]).removesuffix("x")
    response = HttpResponse(html_of(get_object_or_404(KeptMail, pk=pk)).replace('"cid:', f'"{pictures}'))
    response[POLICY_HEADER] = _MAIL_POLICY
    return response


@for_whoever_runs_it
def mail_part(request: HttpRequest, pk: int, content_id: str) -> HttpResponse:
    part = part_of(get_object_or_404(KeptMail, pk=pk), content_id)
    if part is None or not part.content_type.startswith("image/"):
        raise Http404
    response = HttpResponse(part.content, content_type=part.content_type)
    response[POLICY_HEADER] = "default-src 'none'; sandbox"
    return response
