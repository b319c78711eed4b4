"""What every page of the store screens needs: who is there, and at which stock point."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from oms.core.access import Access, access_for
from oms.core.errors import NotFound, OmsError, TooSlow
from oms.core.patience import at_most
from oms.core.views import ReplayableMixin
from oms.store.queries.places import places_of
from oms.store.telling import sentences
from stock.models import StockPoint

CHOSEN: Final = "stock_point"
LONGEST_TYPED: Final = 40


class StoreView(ReplayableMixin):
    """Signed in, at a stock point of one's own; another's objects are not found, refusals are told in words. A page
    that the database does not answer in time says so, and keeps nobody waiting.

    `needs_stock_point`: whoever works at none, or has not said at which, cannot come in.
    `permission`: what the role must allow, for every method; `back` is where a refused POST returns to.
    """

    needs_stock_point = True
    permission = ""
    stock_point: StockPoint | None = None
    access: Access

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = self.admit(request)
        if answer is not None:
            return answer
        try:
            if request.method not in ("GET", "HEAD"):
                return super().dispatch(request, *args, **kwargs)
            with at_most(settings.SCREEN_STATEMENT_MS):
                return super().dispatch(request, *args, **kwargs)
        except NotFound as error:
            raise Http404(str(error)) from error
        except TooSlow as error:
            return self.too_slow(request, error)
        except OmsError as error:
            if request.method != "POST":
                raise
            return self.refused(request, error, back=self.back(*args, **kwargs))

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A form's own address is no page: whoever signed in after sending it comes back to where it stands."""
        if request.method in ("GET", "HEAD"):
            return redirect(self.back(*args, **kwargs))
        return super().http_method_not_allowed(request, *args, **kwargs)

    def admit(self, request: HttpRequest) -> HttpResponse | None:
        """None lets the person in; else where to go first. May be asked twice."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), login_url=reverse("store:sign-in"))
        if self.permission and not request.user.has_perm(self.permission):
            raise PermissionDenied
        self.access = access_for(request)
        places = places_of(self.access)
        self.stock_point = places.chosen(request.session.get(CHOSEN))
        request.store = self  # type: ignore[attr-defined]
        request.can_choose_store = places.are_many  # type: ignore[attr-defined]
        if self.stock_point is not None:
            timezone.activate(self.stock_point.timezone)
        elif self.needs_stock_point:
            if not places.are_many:
                raise PermissionDenied
            return redirect("store:choose")
        return None

    @property
    def here(self) -> StockPoint:
        """The stock point one works at, on pages that need one."""
        assert self.stock_point is not None
        return self.stock_point

    @property
    def access_here(self) -> Access:
        """What may be touched from here: this stock point's own, through whatever channel."""
        return Access(stock_points=frozenset({self.here.pk}), channels=self.access.channels)

    def back(self, *args: Any, **kwargs: Any) -> str:
        """Where a refused POST returns to."""
        return reverse("store:home")

    def with_what_was_typed(self, address: str, *beginnings: str) -> str:
        """The address, with the fields of the form that was sent whose names begin so: a refusal loses none of them."""
        typed = {name: text[:LONGEST_TYPED] for name, text in self.request.POST.items() if name.startswith(beginnings)}
        return f"{address}?{urlencode(typed)}" if typed else address

    def refused(self, request: HttpRequest, error: OmsError, *, back: str) -> HttpResponse:
        """Back to where it was asked for, with what is wrong; nothing else has changed."""
        for sentence in sentences(error):
            messages.error(request, sentence)
        return redirect(back)

    def too_slow(self, request: HttpRequest, error: TooSlow) -> HttpResponse:
        """Nothing has changed; the same page may be asked for again."""
        again = request.get_full_path() if request.method in ("GET", "HEAD") else self.back(**self.kwargs)
        return self.show("too_slow.html", status=error.status, again=again)

    def show(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        return render(self.request, f"store/{template}", context, status=status)
