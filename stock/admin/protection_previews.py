"""The page between a protection rule's form and its effect: what it would take from sale."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, Final

from django import forms
from django.core import signing
from django.http import StreamingHttpResponse

from oms.core import clock
from stock.models import ProtectionRule
from stock.queries.protection_preview import HiddenStock, hidden_rows, hidden_stock

CONFIRMED: Final = "previewed"
EXPORT: Final = "_export"
SALT: Final = "stock.protection-preview"
BAR_WIDTH, BAR_GAP, CHART_HEIGHT = 64, 12, 140


class PreviewedForm(forms.ModelForm):
    """Not valid before exactly what it says has been previewed: then it is shown again, without an error.

    The preview's word for it is signed, so that it cannot be skipped.
    """

    def is_valid(self) -> bool:
        return super().is_valid() and self.is_previewed

    @property
    def is_previewed(self) -> bool:
        try:
            return bool(signing.loads(self.data.get(CONFIRMED, ""), salt=SALT) == self.told())
        except signing.BadSignature:
            return False

    @property
    def awaits_preview(self) -> bool:
        """Filled in rightly; what it would do is not shown yet."""
        return self.is_bound and not self.errors

    def told(self) -> list[str]:
        """The rule as typed: equal for equal rules, whichever button was pressed."""
        ours = {
            name for name in self.data if any(name == field or name.startswith(f"{field}_") for field in self.fields)
        }
        return [f"{name}={self.data[name]}" for name in sorted(ours)]


def preview_of(form: PreviewedForm) -> dict[str, Any]:
    """What the rule would hide, ready to be drawn."""
    hidden = hidden_stock(rule=form.instance, at=clock.now())
    return {
        "rule": form.instance,
        "hidden": hidden,
        "bars": _bars(hidden),
        "chart_height": CHART_HEIGHT + 44,
        "chart_width": max(len(hidden.histogram), 1) * (BAR_WIDTH + BAR_GAP) + BAR_GAP,
        "confirmed": signing.dumps(form.told(), salt=SALT),
    }


def preview_file(rule: ProtectionRule) -> StreamingHttpResponse:
    """Every level that would lose units, as it is read."""
    response = StreamingHttpResponse(_lines(rule), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="protection-preview.csv"'
    return response


class _Echo:
    """What `csv` writes into, to be handed on at once."""

    def write(self, text: str) -> str:
        return text


def _lines(rule: ProtectionRule) -> Iterator[str]:
    columns = ("sku", "stock_point", "before", "after")
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for row in hidden_rows(rule=rule, at=clock.now()):
        yield writer.writerow([_safe(row[name]) for name in columns])


def _safe(value: Any) -> Any:
    """A code that a spreadsheet would take for a formula is told as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _bars(hidden: HiddenStock) -> list[dict[str, Any]]:
    """The histogram in whole units of the drawing, from the left."""
    most = max((skus for _, skus in hidden.histogram), default=0)
    bars = []
    for number, (label, skus) in enumerate(hidden.histogram):
        height = round(CHART_HEIGHT * skus / most) if most else 0
        x = BAR_GAP + number * (BAR_WIDTH + BAR_GAP)
        bars.append(
            {
                "label": label,
                "skus": skus,
                "x": x,
                "middle": x + BAR_WIDTH // 2,
                "y": 20 + CHART_HEIGHT - height,
                "height": height,
                "width": BAR_WIDTH,
                "foot": CHART_HEIGHT + 38,
            }
        )
    return bars
