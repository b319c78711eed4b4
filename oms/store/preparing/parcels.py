"""Parcels: their labels, the carrier's list, and giving them all away."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oms.core import clock
from oms.core.errors import OmsError
from oms.store.preparing.pages import PreparingView
from oms.store.preparing.selecting import selected
from oms.store.queries.parcels import manifest_of, parcel_at
from oms.store.telling import sentences
from orders.models import Label, Parcel
from orders.queries.label_pictures import label_picture
from orders.services.handing_over import hand_over_fulfilment
from orders.services.labelling import retry_label
from orders.states import ParcelState


class OneParcelView(PreparingView):
    @cached_property
    def parcel(self) -> Parcel:
        found = parcel_at(self.here, self.kwargs["pk"])
        if found is None:
            raise Http404("There is no such parcel here.")
        return found

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:parcel", args=[kwargs["pk"]])


class ParcelView(OneParcelView):
    """The label on the screen: printed from here as often as needed, bought once."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        parcel = self.parcel
        return self.show(
            "preparing/parcel.html",
            parcel=parcel,
            has_label=_label_of(parcel) is not None,
            is_pending=parcel.state == ParcelState.LABEL_PENDING,
        )


class LabelView(OneParcelView):
    """As bought, to be printed."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        answer = HttpResponse(self.pdf, content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="{self.parcel.tracking_number}.pdf"'
        return answer

    @property
    def pdf(self) -> bytes:
        label = _label_of(self.parcel)
        if label is None:
            raise Http404("There is no label: it is being made, or was bought elsewhere.")
        return bytes(label.pdf)


def _label_of(parcel: Parcel) -> Label | None:
    """None until it is bought, and of a parcel whose label was bought elsewhere."""
    return Label.objects.filter(parcel=parcel).first()


class LabelPictureView(LabelView):
    """As it will look on paper; a label never changes, so the tablet keeps it for a while."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        answer = HttpResponse(label_picture(self.pdf), content_type="image/png")
        patch_cache_control(answer, private=True, max_age=3600)
        return answer


class RetryView(OneParcelView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        retry_label(parcel_id=self.parcel.pk, access=self.access_here)
        messages.info(request, _("The carrier is asked again."))
        return redirect("store:parcel", pk)


class ManifestView(PreparingView):
    """What each carrier takes along today, to be signed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("preparing/manifest.html", carriers=manifest_of(self.here), now=clock.now())


class HandOverSelectedView(PreparingView):
    """All that a carrier takes; one that cannot leave stops no other."""

    def post(self, request: HttpRequest) -> HttpResponse:
        given, ids = 0, selected(request.POST)
        for fulfilment_id in ids:
            try:
                hand_over_fulfilment(fulfilment_id=fulfilment_id, access=self.access_here)
            except OmsError as error:
                for sentence in sentences(error):
                    messages.error(request, sentence)
            else:
                given += 1
        if not ids:
            messages.warning(request, _("Tick what you hand over first."))
        if given:
            told = ngettext("%(count)d order handed over.", "%(count)d orders handed over.", given)
            messages.success(request, told % {"count": given})
        return redirect(reverse("store:prepare"))
