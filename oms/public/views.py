"""Customers' pages: behind a signed link, without signing in."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from oms.core.errors import NotFound, TooManyAttempts
from oms.core.logins import address_of
from oms.public.finding import find_order
from oms.public.forms import FindForm
from oms.public.tracking import tracked_order
from orders.models import Order
from orders.queries.payment_links import awaited_payment_url
from orders.queries.shops import banner_of
from orders.queries.tracking_links import order_of_token, tracking_token


@require_safe
@never_cache
def order(request: HttpRequest, token: str) -> HttpResponse:
    """Where each part of an order is, in the customer's language or the one chosen on the page."""
    try:
        found = order_from(token)
    except Http404:
        return broken_link(request)
    with translation.override(language_for(request, found)):
        shown = {"order": tracked_order(found), "banner": banner_of(found), "pay_url": awaited_payment_url(found)}
        return private(render(request, "public/order.html", shown))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def find(request: HttpRequest) -> HttpResponse:
    """“Track your order”, for whoever has lost the link: with the number and the e-mail of the order."""
    form = FindForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            found = find_order(**form.cleaned_data, address=address_of(request))
        except TooManyAttempts:
            form.refuse_for_now()
            status = 429
        else:
            if found is not None:
                return redirect("public:order", tracking_token(found.number))
            form.refuse()
    return private(render(request, "public/find.html", {"form": form}, status=status))


def broken_link(request: HttpRequest) -> HttpResponse:
    """A link that was cut off, changed or made up: said so, with the way to find the order all the same."""
    return private(render(request, "public/broken_link.html", status=404))


def order_from(token: str) -> Order:
    try:
        return order_of_token(token)
    except NotFound as error:
        raise Http404(error.detail) from error


def language_for(request: HttpRequest, order: Order) -> str:
    """The one chosen here, else the order's, where we speak it, else the browser's."""
    present = translation.get_language() or settings.LANGUAGE_CODE
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return present
    spoken = [code for code, _ in settings.LANGUAGES]
    return order.language[:2] if order.language[:2] in spoken else present


def private(response: HttpResponse) -> HttpResponse:
    """The link is the key: it is told to no other site, and no search engine keeps the page."""
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    response["Content-Language"] = translation.get_language() or ""
    return response
