"""Coming in, going out, and saying at which store one works today."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from oms.core.errors import TooManyAttempts
from oms.store.queries.places import places_of
from oms.store.views import CHOSEN, StoreView
from orders.roles import SELL

SHOWN = 100


class SignInView(LoginView):
    """The page of the tablet in the morning; somebody who is in already goes on to the home screen."""

    template_name = "store/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Who guessed too often is told on the page how long to wait."""
        try:
            return super().post(request, *args, **kwargs)
        except TooManyAttempts as error:
            form = AuthenticationForm(request)
            answer = render(request, self.template_name, {"form": form, "is_locked": True}, status=error.status)
            answer["Retry-After"] = str((error.data or {}).get("retry_after", 60))
            return answer

    def get_default_redirect_url(self) -> str:
        return reverse("store:home")


class SignOutView(LogoutView):
    def get_default_redirect_url(self) -> str:
        return reverse("store:sign-in")


class ChooseView(StoreView):
    """For whoever may work at several stock points: which one."""

    needs_stock_point = False

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "").strip()
        found = places_of(self.access).found.order_by("name", "code")
        if text:
            found = found.filter(name__icontains=text) | found.filter(code__icontains=text)
        sells_by_telephone = self.access.stock_points is None and request.user.has_perm(SELL)
        return self.show("choose.html", places=found[:SHOWN], text=text, sells_by_telephone=sells_by_telephone)

    def post(self, request: HttpRequest) -> HttpResponse:
        code = request.POST.get("stock_point", "")
        if not places_of(self.access).found.filter(code=code).exists():
            raise Http404
        request.session[CHOSEN] = code
        return redirect("store:home")
