"""What screens outside the admin have in common."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST
from django.views.generic import View
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from oms.core.errors import IdempotencyKeyReused, InProgress
from oms.core.models import PersonsAction, User
from oms.core.services import actions, idempotency

ACTION_KEY: Final = "action_key"
_NOT_CONTENT: Final = frozenset({ACTION_KEY, "csrfmiddlewaretoken"})


class ReplayableMixin(View):
    """Put before the view: a POST that brings a key of its own (`{% action_key %}`) is done once.

    Sent again, it is answered again: the same next page with the same messages. A form that was refused and
    is shown again did nothing, so its key stays free for the corrected one.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refuse_unreadable(request)
        key = _key_of(request)
        if key is None or not isinstance(request.user, User):
            return super().dispatch(request, *args, **kwargs)
        try:
            claimed = actions.claim_action(user=request.user, key=key, request_hash=_hash_of(request))
        except (IdempotencyKeyReused, InProgress) as error:
            told = "in_progress" if isinstance(error, InProgress) else "sent_before"
            return not_sent(request, told, status=error.status)
        if isinstance(claimed, PersonsAction):
            return _answer_again(request, claimed)
        try:
            response = super().dispatch(request, *args, **kwargs)
        except BaseException:
            actions.release_action(lease=claimed)
            raise
        if isinstance(response, HttpResponseRedirect):
            actions.record_action(lease=claimed, location=response.url, messages=_told(request))
        else:
            actions.release_action(lease=claimed)
        return response


def refuse_unreadable(request: HttpRequest) -> None:
    """A form whose texts hold a character that no text of ours may hold. No person types one."""
    if request.method == "POST" and any("\0" in text for _, texts in request.POST.lists() for text in texts):
        raise BadRequest("A text may not contain the character NUL.")


def _key_of(request: HttpRequest) -> uuid.UUID | None:
    if request.method != "POST":
        return None
    try:
        return uuid.UUID(request.POST.get(ACTION_KEY, ""))
    except ValueError:
        return None


def _hash_of(request: HttpRequest) -> str:
    fields = {name: values for name, values in request.POST.lists() if name not in _NOT_CONTENT}
    return idempotency.hash_of_request(request.get_full_path(), fields)


def _told(request: HttpRequest) -> list[tuple[int, str, str]]:
    """What the next page will say. Reading takes the messages away, so they are told anew."""
    told = [(each.level, str(each.message), each.extra_tags or "") for each in messages.get_messages(request)]
    for level, message, tags in told:
        messages.add_message(request, level, message, extra_tags=tags)
    return told


def _answer_again(request: HttpRequest, action: PersonsAction) -> HttpResponse:
    for level, message, tags in action.messages:
        messages.add_message(request, level, message, extra_tags=tags)
    return HttpResponseRedirect(action.location)


def not_sent(request: HttpRequest, told: str, *, status: int) -> HttpResponse:
    """A form that did nothing, and the way back to the page it stood on."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    context = {"told": told, "address": came_from if is_ours else "/"}
    return render(request, "halles/not_sent.html", context, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of a page that was opened before signing in, or stood open for too long."""
    return not_sent(request, "outdated", status=403)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Kept in the browser, and with whoever is signed in: the next tablet speaks it, too."""
    language = request.POST.get(LANGUAGE_QUERY_PARAMETER, "")
    if isinstance(request.user, User) and check_for_language(language):
        User.objects.filter(pk=request.user.pk).update(language=language)
    return set_language(request)
