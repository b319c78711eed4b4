"""What the pages between a click and its effect ask; each form says what its service is told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from oms.core.access import Access
from orders.models import Order
from returns.models import Return
from returns.queries.policies import policy_for, reasons_of
from returns.queries.returnable import Returnable, banner_of, returnable_lines
from returns.queries.units import uninspected_units
from returns.services.exchanging import Replacement
from returns.services.requests import GradedUnits, ReturnRequest, WantedLine
from returns.states import DispositionKind, Grade, Way
from stock.models import StockPoint


def _units(label: str, most: int) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=0,
        max_value=most,
        required=False,
        initial=0,
        label=label,
        help_text=_("At most %(most)s.") % {"most": most},
        widget=UnfoldAdminTextInputWidget(attrs={"type": "number"}),
    )


def _places(access: Access) -> Any:
    return (
        StockPoint.objects.visible_to(access)
        .filter(is_active=True, accepts_returns=True)
        .order_by("kind", "name")
        .values_list("code", "name")
    )


class ReturnForm(forms.Form):
    """Knows its return and what its person may see. `may_except`: whose word counts more than the policy."""

    def __init__(self, *args: Any, returned: Return, access: Access, may_except: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_except = may_except
        self.returned = returned
        self.access = access
        self.prepare()

    def prepare(self) -> None:
        """Fill in what depends on the return."""

    def told(self) -> dict[str, Any]:
        """The service's arguments beside the return."""
        return dict(self.cleaned_data)


class ReasonForm(ReturnForm):
    reason = forms.CharField(max_length=200, label=_("Reason"), widget=UnfoldAdminTextInputWidget)


class ReceiveForm(ReturnForm):
    """Where it came; everything that was asked is received, what is missing is left to the stock point."""

    stock_point = forms.ChoiceField(label=_("Received at"), widget=UnfoldAdminSelectWidget)

    def prepare(self) -> None:
        self.fields["stock_point"].choices = list(_places(self.access))  # type: ignore[attr-defined]
        if self.returned.stock_point is not None:
            self.fields["stock_point"].initial = self.returned.stock_point.code

    def told(self) -> dict[str, Any]:
        return {"stock_point": self.cleaned_data["stock_point"], "lines": [], "access": self.access}


class InspectForm(ReturnForm):
    """So many units of each article in each condition."""

    disposition = forms.ChoiceField(
        required=False,
        choices=[("", _("As the banner's rules say")), *DispositionKind.choices],
        label=_("Where it goes"),
        widget=UnfoldAdminSelectWidget,
    )

    def prepare(self) -> None:
        self.waiting: dict[str, int] = {}
        for line, units in uninspected_units(self.returned).items():
            self.waiting[line.sku] = self.waiting.get(line.sku, 0) + units
        for sku, most in self.waiting.items():
            for grade in Grade:
                self.fields[f"{sku}:{grade.value}"] = _units(f"{sku} · {grade.label}", most)
        self.order_fields([*(name for name in self.fields if name != "disposition"), "disposition"])

    def told(self) -> dict[str, Any]:
        disposition = self.cleaned_data["disposition"]
        graded = [
            GradedUnits(sku, self.cleaned_data[f"{sku}:{grade.value}"], grade.value, disposition)
            for sku in self.waiting
            for grade in Grade
            if self.cleaned_data[f"{sku}:{grade.value}"]
        ]
        return {"lines": graded}


class MatchForm(ReturnForm):
    order = forms.CharField(
        max_length=100,
        label=_("Order"),
        help_text=_("Its number, or its channel's reference."),
        widget=UnfoldAdminTextInputWidget,
    )
    is_exception = forms.BooleanField(
        required=False, label=_("Although the policy would not take it back"), widget=UnfoldBooleanWidget
    )

    def prepare(self) -> None:
        if not self.may_except:
            del self.fields["is_exception"]

    def told(self) -> dict[str, Any]:
        return {**self.cleaned_data, "access": self.access}


class RefundForm(ReturnForm):
    """The tenders are shown above; whoever else was paid gives the money back himself."""

    is_paid_elsewhere = forms.BooleanField(
        required=False,
        label=_("Not paid here: whoever took the money gives it back"),
        widget=UnfoldBooleanWidget,
    )

    def prepare(self) -> None:
        if self.returned.order is not None and self.returned.order.payments.exists():
            del self.fields["is_paid_elsewhere"]


class ExchangeForm(ReturnForm):
    """The same articles once more, sent or kept ready as the first ones were."""

    def told(self) -> dict[str, Any]:
        order = self.returned.order
        mode = "home" if order is not None and order.shipping_address else ""
        return {"replacement": Replacement(mode=mode), "access": self.access}


class AskForm(forms.Form):
    """A return for an order, made by customer service."""

    way = forms.ChoiceField(
        choices=[(Way.POST.value, Way.POST.label), (Way.CUSTOMER_SERVICE.value, _("Brought to a stock point"))],
        label=_("Way"),
        help_text=_("By post a label is made, which the customer prints."),
        widget=UnfoldAdminSelectWidget,
    )
    stock_point = forms.ChoiceField(required=False, label=_("Expected at"), widget=UnfoldAdminSelectWidget)
    reason = forms.ChoiceField(label=_("Reason"), widget=UnfoldAdminSelectWidget)
    is_exception = forms.BooleanField(
        required=False, label=_("Although the policy would not take it back"), widget=UnfoldBooleanWidget
    )

    def __init__(self, *args: Any, order: Order, access: Access, may_except: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policy = policy_for(banner_of(order))
        self.order = order
        self.fields["stock_point"].choices = [("", _("As the policy says")), *_places(access)]  # type: ignore[attr-defined]
        reasons = reasons_of(policy, language=get_language() or "en")
        # None is chosen beforehand: what is not asked for is not known.
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose…")),
            *((reason.code, reason.label) for reason in reasons),
        ]
        if not may_except:
            del self.fields["is_exception"]
        lines = returnable_lines(order, policy, is_exception=may_except)
        self.lines: list[Returnable] = [each for each in lines if each.quantity]
        for each in self.lines:
            label = f"{each.line.variant.product.name} {each.line.variant.colour} {each.line.variant.size}".strip()
            self.fields[f"line-{each.line.pk}"] = _units(f"{each.line.sku} · {label}", each.quantity)
        self.order_fields(
            [*(name for name in self.fields if name.startswith("line-")), *AskForm.base_fields]
        )  # those that are not there are passed over

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not any(data.get(f"line-{each.line.pk}") for each in self.lines):
            raise forms.ValidationError(_("Say how many units come back."))
        return data

    def request(self) -> ReturnRequest:
        data = self.cleaned_data
        units: dict[str, int] = {}
        for each in self.lines:
            count = data.get(f"line-{each.line.pk}") or 0
            units[each.line.sku] = units.get(each.line.sku, 0) + count
        return ReturnRequest(
            way=data["way"],
            order=self.order.number,
            stock_point=data["stock_point"],
            lines=tuple(WantedLine(sku, count, data["reason"]) for sku, count in units.items() if count),
            is_exception=data.get("is_exception", False),
        )
