"""Who it is for: as little as the order needs, with the customer's consent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from oms.core.errors import Invalid
from oms.store.selling.countries import country_choices
from oms.store.selling.seller import BasketStepView
from oms.store.telling import sentences
from orders.models import Basket
from orders.queries.customers import PastCustomer, past_customers
from orders.services.addresses import postcode_fits
from orders.services.basketing import note_customer
from orders.services.requests import Address
from orders.services.resolving import DELIVERED_MODES


class CustomerForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.RegexField(
        r"^[+0-9 ().\-]{6,40}$",
        label=_("Telephone"),
        required=False,
        error_messages={"invalid": _("Digits, spaces and a leading + only.")},
    )
    language = forms.ChoiceField(label=_("Language of messages"), choices=settings.LANGUAGES)
    has_consented = forms.BooleanField(
        label=_("The customer agrees that these details are kept for this order."), required=False
    )

    def __init__(self, *args: Any, is_delivered: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_delivered = is_delivered

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        reached = given.get("email") or given.get("phone")
        if self.is_delivered and not given.get("name", "").strip():
            self.add_error("name", _("Needed to deliver."))
        if self.is_delivered and not reached and not {"email", "phone"} & self.errors.keys():
            self.add_error("email", _("An e-mail address or a telephone number is needed."))
        if (reached or given.get("name")) and not given.get("has_consented"):
            self.add_error("has_consented", _("Without the customer's agreement nothing is kept."))
        return given


class AddressForm(forms.Form):
    line1 = forms.CharField(label=_("Street and number"), max_length=200, required=False)
    line2 = forms.CharField(label=_("Floor, door, building"), max_length=200, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    city = forms.CharField(label=_("Town"), max_length=100, required=False)
    country = forms.ChoiceField(label=_("Country"), choices=country_choices)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("line1", "postcode", "city"):
            if name in given and not given[name].strip():
                self.add_error(name, _("Needed to deliver."))
        country, postcode = given.get("country"), given.get("postcode", "")
        if country and postcode and not postcode_fits(country, postcode):
            self.add_error("postcode", _("This is not a postcode of that country."))
        return given

    def address(self) -> Address:
        return Address(**self.cleaned_data)


class CustomerView(BasketStepView):
    """`?contact=` looks earlier orders up; `?from=` fills the form with what one of those found says."""

    step = "customer"

    def get(self, request: HttpRequest) -> HttpResponse:
        contact = request.GET.get("contact", "").strip()[:100]
        found = past_customers(contact=contact, access=self.access) if contact else []
        chosen = next((one for one in found if one.order_number == request.GET.get("from")), None)
        form = CustomerForm(initial=_known(self.contents.basket, chosen), is_delivered=self._is_delivered)
        return self._page(request, form, self._address_form(chosen), contact=contact, found=found, chosen=chosen)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CustomerForm(request.POST, is_delivered=self._is_delivered)
        address_form = AddressForm(request.POST) if self._needs_address else None
        if not form.is_valid() or (address_form is not None and not address_form.is_valid()):
            return self._page(request, form, address_form, status=422)
        given = form.cleaned_data
        try:
            basket = note_customer(
                basket_id=self.contents.basket.pk,
                name=given["name"].strip(),
                email=given["email"],
                phone=given["phone"].strip(),
                language=given["language"],
                has_consented=given["has_consented"],
                address=address_form.address() if address_form is not None else None,
            )
        except Invalid as error:
            form.add_error(None, sentences(error))
            return self._page(request, form, address_form, status=422)
        if self._is_delivered and not basket.mode:
            self.tell(request, _("The address is elsewhere than the delivery was told for: choose it again."))
            return redirect("store:sell-delivery")
        return redirect("store:sell-payment")

    @property
    def _is_delivered(self) -> bool:
        return bool(self.contents.delivered)

    @property
    def _needs_address(self) -> bool:
        return self._is_delivered and self.contents.basket.mode in DELIVERED_MODES

    def _address_form(self, chosen: PastCustomer | None) -> AddressForm | None:
        if not self._needs_address:
            return None
        known: dict[str, Any] = self.contents.basket.shipping_address or {}
        # Where the delivery goes was said when it was chosen; the rest is only right for the same place.
        past = dict(chosen.address) if chosen else {}
        is_there = past.get("postcode") == known.get("postcode") and past.get("country") == known.get("country")
        return AddressForm(initial={**past, **known} if is_there else known)

    def _page(
        self,
        request: HttpRequest,
        form: CustomerForm,
        address_form: AddressForm | None,
        *,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        return self.answer(
            request, "store/selling/customer.html", status=status, form=form, address_form=address_form, **more
        )


def _known(basket: Basket, chosen: PastCustomer | None) -> dict[str, Any]:
    if chosen is not None:
        return {"name": chosen.name, "email": chosen.email, "phone": chosen.phone, "language": chosen.language}
    return {
        "name": basket.customer_name,
        "email": basket.customer_email,
        "phone": basket.customer_phone,
        "language": basket.language or get_language(),
        "has_consented": basket.consented_at is not None,
    }
