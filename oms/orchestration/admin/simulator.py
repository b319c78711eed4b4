"""The promise simulator: an article, a place and a moment in; options out, and why the others failed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from oms.core.access import access_for
from oms.core.errors import OmsError, TooSlow
from oms.core.patience import at_most
from oms.core.refusals import told
from oms.orchestration.baskets import BasketLine, Destination
from oms.orchestration.promises import Enquiry
from oms.orchestration.services.simulating import Simulation, simulate_promise
from stock.models import SalesChannel, StockPoint, Variant


class SimulatorForm(forms.Form):
    """One article; a destination or a stock point where it is collected, or both."""

    channel = forms.ModelChoiceField(SalesChannel.objects.order_by("code"), label=_("Sales channel"))
    sku = forms.CharField(max_length=64, label=_("Article (SKU)"))
    quantity = forms.IntegerField(min_value=1, max_value=100_000, initial=1, label=_("Quantity"))
    country = forms.CharField(max_length=2, required=False, initial="FR", label=_("Country"))
    postcode = forms.CharField(max_length=16, required=False, label=_("Postcode"))
    pickup_point = forms.ModelChoiceField(
        StockPoint.objects.order_by("code"), required=False, label=_("Collected at"), empty_label=_("nowhere")
    )
    at = forms.DateTimeField(
        required=False,
        label=_("Ordered at"),
        help_text=_("Empty: now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def clean_sku(self) -> Variant:
        variant = Variant.objects.filter(sku=self.cleaned_data["sku"], is_active=True).first()
        if variant is None:
            raise forms.ValidationError(_("There is no such article."))
        return variant

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("postcode") and not data.get("pickup_point"):
            raise forms.ValidationError(_("Give a postcode, or a stock point where it is collected."))
        return data

    def enquiry(self) -> Enquiry:
        data = self.cleaned_data
        variant, pickup_point = data["sku"], data["pickup_point"]
        place = Destination(data["country"].upper(), data["postcode"]) if data["postcode"] else None
        return Enquiry(
            channel_id=data["channel"].pk,
            lines=(BasketLine("1", variant.pk, data["quantity"]),),
            destination=place,
            pickup_point_id=pickup_point.pk if pickup_point else None,
            order_value=variant.price * data["quantity"],
            at=data["at"],
        )


class SimulatorView(View):
    """Asks by GET, so that an answer can be sent to a colleague as a link. Head office's: it shows the network."""

    model_admin: Any = None

    def get(self, request: HttpRequest) -> HttpResponse:
        if not (request.user.has_perm("orchestration.view_sourcingrun") and access_for(request).is_unlimited):
            raise PermissionDenied
        form = SimulatorForm(request.GET or None)
        simulation = self._simulated(form) if form.is_bound and self._is_readable(form) else None
        context = {
            **self.model_admin.admin_site.each_context(request),
            # Without `opts` the heading is this page, not the list it lies below.
            "title": _("Promise simulator"),
            "content_title": _("Promise simulator"),
            "form": form,
            "simulation": simulation,
        }
        return render(request, "admin/orchestration/simulator.html", context)

    def _is_readable(self, form: SimulatorForm) -> bool:
        """What is named in it is looked up, and no longer than a promise may take."""
        try:
            with at_most(settings.PROMISE_STATEMENT_MS):
                return form.is_valid()
        except TooSlow:
            _say_too_slow(form)
            return False

    def _simulated(self, form: SimulatorForm) -> Simulation | None:
        language = "fr" if (get_language() or "").startswith("fr") else "en"
        try:
            with at_most(settings.PROMISE_STATEMENT_MS):
                return simulate_promise(enquiry=form.enquiry(), language=language)
        except TooSlow:
            _say_too_slow(form)
        except OmsError as refused:
            form.add_error(None, told(refused.detail))
        return None


def _say_too_slow(form: SimulatorForm) -> None:
    """A form whose own look-ups were given up has no errors to add to yet."""
    form._errors = form._errors or ErrorDict()  # type: ignore[attr-defined]
    form.cleaned_data = getattr(form, "cleaned_data", {})
    form.add_error(
        None,
        _(
            "The database did not answer within %(milliseconds)d ms. A customer would be told a wider and later "
            "promise now, without a plan; ask again in a moment."
        )
        % {"milliseconds": settings.PROMISE_STATEMENT_MS},
    )
