"""What screens outside the admin have in common."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.generic import View

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
        key = _key_of(request)
        if key is None or not isinstance(request.user, User):
            return super().dispatch(request, *args, **kwargs)
        try:
            claimed = actions.claim_action(user=request.user, key=key, request_hash=_hash_of(request))
        except (IdempotencyKeyReused, InProgress) as error:
            return HttpResponse(_refusal(error), status=error.status, content_type="text/plain; charset=utf-8")
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


def _refusal(error: IdempotencyKeyReused | InProgress) -> str:
    if isinstance(error, InProgress):
        return _("This is being done just now. Go back and look in a moment.")
    return _("This form was sent before with other contents. Go back, load the page again and repeat.")
