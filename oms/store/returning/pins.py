"""A manager's own PIN."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from oms.core.errors import Invalid
from oms.core.models import User
from oms.store.returning.pages import ReturningView
from returns.models import ManagerPin
from returns.models.pins import MOST_TRIES
from returns.roles import APPROVE_BLIND
from returns.services.approving import set_pin


class PinView(ReturningView):
    permission = APPROVE_BLIND

    def get(self, request: HttpRequest) -> HttpResponse:
        kept = ManagerPin.objects.filter(user=request.user.pk).first()
        return self.show("returning/pin.html", kept=kept, is_locked=kept and kept.failed_tries >= MOST_TRIES)

    def post(self, request: HttpRequest) -> HttpResponse:
        """The password once more: a tablet left alone must not give a stranger a PIN."""
        if not isinstance(request.user, User):
            raise PermissionDenied
        password = request.POST.get("password", "")
        if authenticate(request, username=request.user.get_username(), password=password) != request.user:
            raise Invalid(errors={"password": [_("This is not your password.")]})
        pin = request.POST.get("pin", "").strip()
        if pin != request.POST.get("again", "").strip():
            raise Invalid(errors={"again": [_("The two PINs are not the same.")]})
        set_pin(user=request.user, pin=pin)
        messages.success(request, _("Your PIN is set."))
        return redirect("store:returns")

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:return-pin")
