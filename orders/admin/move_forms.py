"""What the pages between a click and its effect ask; each form says what its service is told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from oms.core.access import Access
from oms.core.money import money_text
from orders.models import Order, OrderLine
from orders.queries.standing_actions import cancellable_units, parcels_on_their_way, refundable, refunds_asked
from orders.services.changing import ModeChange
from orders.services.requests import Address
from orders.services.resolving import COLLECTED_MODES, DELIVERED_MODES
from orders.states import Mode
from stock.models import StockPoint

# How references of returns and of goods that were put back begin.
OWN_REFERENCES = ("return:", "uncollected:")
# A slot and a relay point are chosen by the customer, from what their carrier offers.
CHOSEN_HERE = (Mode.HOME, Mode.EXPRESS, Mode.PICKUP, Mode.SHIP_TO_STORE, Mode.E_RESERVATION)


class MoveForm(forms.Form):
    """Knows its order and what its person may see. `lines` of the request preselect."""

    def __init__(self, *args: Any, order: Order, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        self.access = access
        self.prepare()

    def prepare(self) -> None:
        """Fill in what depends on the order."""

    def told(self) -> dict[str, Any]:
        """The service's arguments beside the order."""
        return dict(self.cleaned_data)


class ReasonForm(MoveForm):
    """Why; asked only where somebody will want to know."""

    reason = forms.CharField(max_length=200, label=_("Reason"), widget=UnfoldAdminTextInputWidget)


class AssignForm(MoveForm):
    """Which stock point gets it, or which of its lines, and why a person decides."""

    stock_point = forms.ModelChoiceField(
        StockPoint.objects.none(), to_field_name="code", label=_("Stock point"), widget=UnfoldAdminSelectWidget
    )
    line_ids = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label=_("Lines"),
        help_text=_("None ticked: all that nobody has begun."),
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        max_length=200,
        label=_("Reason"),
        help_text=_("It is kept in the audit: name no customer."),
        widget=UnfoldAdminTextInputWidget,
    )

    def prepare(self) -> None:
        points = StockPoint.objects.visible_to(self.access).filter(is_active=True).order_by("code")
        self.fields["stock_point"].queryset = points  # type: ignore[attr-defined]
        free = cancellable_units(self.order)
        lines = OrderLine.objects.filter(pk__in=free).select_related("variant__product").order_by("position")
        self.fields["line_ids"].choices = [  # type: ignore[attr-defined]
            (line.pk, f"{free[line.pk]} × {line.sku} · {line.variant.product.name}") for line in lines
        ]

    def told(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"stock_point": data["stock_point"].code, "line_ids": data["line_ids"], "reason": data["reason"]}


class RefundForm(MoveForm):
    """How much goes back, and what for: the same reference again is the same refund."""

    amount = forms.DecimalField(
        max_digits=12,
        decimal_places=2,
        # Typed as it is read: a French comma, too.
        localize=True,
        label=_("Amount"),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "text", "inputmode": "decimal"}),
    )
    reference = forms.CharField(
        max_length=100,
        label=_("Reference"),
        widget=UnfoldAdminTextInputWidget,
        help_text=_(
            "It names this refund: the one proposed will do. The same reference again gives nothing back twice."
        ),
    )

    def clean_reference(self) -> str:
        """Those of the product's own refunds are not for people: what is owed would look as if it were given."""
        reference: str = self.cleaned_data["reference"]
        if reference.startswith(OWN_REFERENCES):
            raise forms.ValidationError(_("References that begin so are made by the product: choose another one."))
        return reference

    def prepare(self) -> None:
        most = money_text(refundable(self.order), self.order.currency)
        self.fields["amount"].help_text = _("At most %(amount)s.") % {"amount": most}
        # Two people who have the same page open mean the same refund.
        self.fields["reference"].initial = f"{self.order.number}-{refunds_asked(self.order) + 1}"


class AddressFields(forms.Form):
    line1 = forms.CharField(max_length=200, label=_("Street and number"), widget=UnfoldAdminTextInputWidget)
    line2 = forms.CharField(max_length=200, required=False, label=_("Supplement"), widget=UnfoldAdminTextInputWidget)
    postcode = forms.CharField(max_length=20, required=False, label=_("Postcode"), widget=UnfoldAdminTextInputWidget)
    city = forms.CharField(max_length=100, label=_("City"), widget=UnfoldAdminTextInputWidget)
    country = forms.CharField(
        max_length=2, label=_("Country"), help_text=_("Two letters: FR, BE…"), widget=UnfoldAdminTextInputWidget
    )

    def address(self) -> Address | None:
        """None where no street was typed."""
        data = self.cleaned_data
        if not data.get("line1"):
            return None
        return Address(
            line1=data["line1"],
            line2=data["line2"],
            postcode=data["postcode"],
            city=data["city"],
            country=data["country"].upper(),
        )


class AddressForm(MoveForm, AddressFields):
    def prepare(self) -> None:
        for name, value in (self.order.shipping_address or {}).items():
            if name in self.fields:
                self.fields[name].initial = value

    def told(self) -> dict[str, Any]:
        return {"shipping_address": self.address()}


class ModeForm(MoveForm, AddressFields):
    """The address is asked for only where the order has none and the goods are to be delivered."""

    mode = forms.ChoiceField(label=_("Delivery"), widget=UnfoldAdminSelectWidget)
    pickup_point = forms.ModelChoiceField(
        StockPoint.objects.none(),
        required=False,
        to_field_name="code",
        label=_("Collected at"),
        help_text=_("For click and collect, ship to store and e-Reservation."),
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ("mode", "pickup_point")

    def prepare(self) -> None:
        here = [mode for mode in CHOSEN_HERE if mode != self.order.mode]
        self.fields["mode"].choices = [(mode.value, mode.label) for mode in here]  # type: ignore[attr-defined]
        points = StockPoint.objects.visible_to(self.access).filter(is_active=True, offers_pickup=True)
        self.fields["pickup_point"].queryset = points.order_by("name")  # type: ignore[attr-defined]
        for name in AddressFields.base_fields:
            if self.order.shipping_address:
                del self.fields[name]
            else:
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        mode = data.get("mode")
        if mode in COLLECTED_MODES and not data.get("pickup_point"):
            self.add_error("pickup_point", _("Choose where it is collected."))
        if mode in DELIVERED_MODES and not self.order.shipping_address and not self._is_address_whole(data):
            self.add_error("line1", _("An address is needed where goods are delivered."))
        return data

    def _is_address_whole(self, data: dict[str, Any]) -> bool:
        return all(data.get(name) for name in ("line1", "city", "country"))

    def told(self) -> dict[str, Any]:
        data = self.cleaned_data
        is_collected = data["mode"] in COLLECTED_MODES
        change = ModeChange(
            mode=data["mode"],
            pickup_point=data["pickup_point"].code if is_collected else None,
            shipping_address=None if is_collected or self.order.shipping_address else self.address(),
        )
        return {"change": change}


class LinkForm(MoveForm):
    """To whom: the address the order has, or the right one."""

    email = forms.EmailField(
        max_length=254,
        label=_("E-mail"),
        help_text=_("Another address than the order’s replaces it."),
        widget=UnfoldAdminEmailInputWidget,
    )

    def prepare(self) -> None:
        self.fields["email"].initial = self.order.customer_email


class LostForm(MoveForm):
    """Which parcel."""

    parcel_id = forms.TypedChoiceField(coerce=int, label=_("Parcel"), widget=UnfoldAdminSelectWidget)

    def prepare(self) -> None:
        self.fields["parcel_id"].choices = [  # type: ignore[attr-defined]
            (parcel.pk, f"{parcel} · {parcel.get_state_display()}") for parcel in parcels_on_their_way(self.order)
        ]


class UnitsForm(MoveForm):
    """Which line, and how many of its units."""

    line_id = forms.TypedChoiceField(coerce=int, label=_("Line"), widget=UnfoldAdminSelectWidget)
    quantity = forms.IntegerField(min_value=1, label=_("Units"), widget=UnfoldAdminTextInputWidget)
    reason = forms.CharField(max_length=200, label=_("Reason"), widget=UnfoldAdminTextInputWidget)

    def prepare(self) -> None:
        self.free = cancellable_units(self.order)
        lines = OrderLine.objects.filter(pk__in=self.free).select_related("variant__product").order_by("position")
        self.fields["line_id"].choices = [  # type: ignore[attr-defined]
            (line.pk, f"{line.sku} · {line.variant.product.name} ({self.free[line.pk]})") for line in lines
        ]
        self.fields["quantity"].initial = 1

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        most = self.free.get(data.get("line_id", 0), 0)
        if data.get("quantity") and data["quantity"] > most:
            self.add_error(
                "quantity", _("At most %(most)s units of this line can still be cancelled.") % {"most": most}
            )
        return data
