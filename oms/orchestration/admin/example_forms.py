"""What is asked to keep an example order: one that was placed, one made up, and what should become of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from oms.orchestration.admin.reading import language
from oms.orchestration.admin.rule_set_texts import option_label
from oms.orchestration.baskets import Basket, BasketLine, Destination
from oms.orchestration.editing import read_codes
from oms.orchestration.examples import NOT_ASKED, Outcome
from oms.orchestration.services.examples import ExampleByHand
from oms.sourcing.facts import MODES
from oms.sourcing.results import PLANNED, UNFILLABLE
from oms.sourcing.rules import ACTIONS
from stock.models import SalesChannel, StockPoint, Variant

OUTCOME_LABELS = {
    PLANNED: _("it is planned"),
    UNFILLABLE: _("no rule can serve it"),
    NOT_ASKED: _("this rule set is not for it"),
}
_NO_MATTER = ("", _("no matter"))


def _text(**options: Any) -> forms.CharField:
    return forms.CharField(widget=UnfoldAdminTextInputWidget, **options)


def _lines(rows: int, **options: Any) -> forms.CharField:
    return forms.CharField(widget=UnfoldAdminTextareaWidget(attrs={"rows": rows}), **options)


class FromOrderForm(forms.Form):
    """An order that was decided at least once."""

    reference = _text(max_length=64, label=_("Order number"))
    name = _text(max_length=200, required=False, label=_("Name"), help_text=_("Empty: the order's number."))


class ExpectedForm(forms.Form):
    """What should become of an example."""

    name = _text(max_length=200, label=_("Name"))
    outcome = forms.ChoiceField(
        choices=list(OUTCOME_LABELS.items()), label=_("What should become of it"), widget=UnfoldAdminSelectWidget
    )
    rule = forms.ChoiceField(required=False, label=_("By the rule"), widget=UnfoldAdminSelectWidget)
    parcels = _lines(
        4,
        required=False,
        label=_("From these stock points"),
        help_text=_("One a line: stock point, SKU, units. Empty: no matter."),
    )
    action = forms.ChoiceField(required=False, label=_("What no rule can serve"), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, rules: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = (self.initial or {}).get("rule")
        names = [*rules, *([wanted] if wanted and wanted not in rules else [])]
        self.fields["rule"].choices = [_NO_MATTER, *((name, name) for name in names)]  # type: ignore[attr-defined]
        actions = [(each, option_label("when_nothing_fits.action", each, language())) for each in ACTIONS]
        self.fields["action"].choices = [_NO_MATTER, *actions]  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(name: str, outcome: Outcome) -> dict[str, Any]:
        return {
            "name": name,
            "outcome": outcome.outcome,
            "rule": outcome.rule or "",
            "parcels": written_units(outcome.parcels or {}),
            "action": outcome.action or "",
        }

    def clean_parcels(self) -> dict[str, dict[str, int]] | None:
        return read_units(self.cleaned_data["parcels"]) or None

    def expected(self) -> Outcome:
        data = self.cleaned_data
        return Outcome(data["outcome"], data["rule"] or None, data["action"] or None, data["parcels"])


class ByHandForm(forms.Form):
    """An order nobody placed, in today's network; its stock may be made up, too."""

    name = _text(max_length=200, label=_("Name"), help_text=_("What it is an example of."))
    channel = forms.ModelChoiceField(
        SalesChannel.objects.order_by("code"), label=_("Sales channel"), widget=UnfoldAdminSelectWidget
    )
    mode = forms.ChoiceField(label=_("Way of delivery"), widget=UnfoldAdminSelectWidget)
    country = _text(max_length=2, required=False, label=_("Country"), help_text=_("Two letters: FR, BE…"))
    postcode = _text(max_length=16, required=False, label=_("Postcode"))
    pickup_point = forms.ModelChoiceField(
        StockPoint.objects.filter(is_active=True).order_by("code"),
        required=False,
        label=_("Collected at"),
        empty_label=_("nowhere"),
        widget=UnfoldAdminSelectWidget,
    )
    lines = _lines(3, label=_("Articles"), help_text=_("One a line: SKU, units."))
    stock = _lines(
        5,
        required=False,
        label=_("Stock"),
        help_text=_("One a line: stock point, SKU, units; there is no other stock then. Empty: what is there now."),
    )
    order_value = forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        localize=True,
        label=_("Worth"),
        help_text=_("Empty: by the articles' prices."),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "text", "inputmode": "decimal"}),
    )
    customer_class = _text(max_length=40, required=False, label=_("Class of customer"))
    tags = _text(max_length=200, required=False, label=_("Marked with"), help_text=_("Tags, separated by commas."))
    at = forms.DateTimeField(
        required=False,
        label=_("Ordered at"),
        help_text=_("Empty: now."),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mode"].choices = [  # type: ignore[attr-defined]
            (mode, option_label("applies_to.modes", mode, language())) for mode in MODES
        ]

    def clean_lines(self) -> list[tuple[Variant, int]]:
        found = list(_rows(self.cleaned_data["lines"], 2))
        units = {sku: count for (sku,), count in found}
        variants = {variant.sku: variant for variant in Variant.objects.filter(sku__in=units)}
        unknown = [sku for sku in units if sku not in variants]
        if unknown or not found:
            raise forms.ValidationError(_("There is no article %(sku)s.") % {"sku": unknown[0] if unknown else "–"})
        return [(variants[sku], count) for sku, count in units.items()]

    def clean_stock(self) -> dict[str, dict[str, int]] | None:
        """Units by SKU and stock point; None where nothing was written."""
        text = self.cleaned_data["stock"]
        if not text.strip():
            return None
        by_point = read_units(text)
        known = set(StockPoint.objects.filter(code__in=by_point).values_list("code", flat=True))
        unknown = [code for code in by_point if code not in known]
        if unknown:
            raise forms.ValidationError(_("There is no stock point %(code)s.") % {"code": unknown[0]})
        stock: dict[str, dict[str, int]] = {}
        for point, units in by_point.items():
            for sku, count in units.items():
                stock.setdefault(sku, {})[point] = count
        return stock

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("country") and not data.get("pickup_point"):
            raise forms.ValidationError(_("Give a country, or a stock point where it is collected."))
        return data

    def asked(self) -> ExampleByHand:
        data = self.cleaned_data
        lines = data["lines"]
        value = data["order_value"]
        place = Destination(data["country"].upper(), data["postcode"]) if data["country"] else None
        basket = Basket(
            reference="",
            channel_id=data["channel"].pk,
            mode=data["mode"],
            lines=tuple(BasketLine(str(n), variant.pk, count) for n, (variant, count) in enumerate(lines, 1)),
            destination=place,
            pickup_point_id=data["pickup_point"].pk if data["pickup_point"] else None,
            order_value=sum(variant.price * count for variant, count in lines) if value is None else value,
            customer_class=data["customer_class"],
            tags=tuple(read_codes(data["tags"])),
        )
        return ExampleByHand(basket=basket, stock=data["stock"], at=data["at"])


def _rows(text: str, columns: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """Words and a number on each line that is not empty; separated by spaces, commas or semicolons."""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.replace(",", " ").replace(";", " ").split()
        if not words:
            continue
        if len(words) != columns or not words[-1].isdecimal() or int(words[-1]) < 1 or len(words[-1]) > 6:
            raise forms.ValidationError(
                _("Line %(number)d cannot be read: %(line)s") % {"number": number, "line": line}
            )
        yield tuple(words[:-1]), int(words[-1])


def read_units(text: str) -> dict[str, dict[str, int]]:
    """Units by stock point and SKU."""
    found: dict[str, dict[str, int]] = {}
    for (point, sku), units in _rows(text, 3):
        found.setdefault(point, {})[sku] = units
    return found


def written_units(parcels: Mapping[str, Mapping[str, int]]) -> str:
    return "\n".join(f"{point} {sku} {units}" for point, lines in parcels.items() for sku, units in lines.items())
