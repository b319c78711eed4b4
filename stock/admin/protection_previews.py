"""The page between a protection rule's form and its effect: what it would take from sale."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponseRedirect, StreamingHttpResponse

from oms.core import clock
from stock.models import ProtectionPreview, ProtectionRule
from stock.queries.protection_preview import HiddenStock, hidden_lines, hidden_stock
from stock.services.protection_previewing import ask_file, ask_preview, found_by, rule_as_told, rule_of

CONFIRMED: Final = "previewed"
COUNTED: Final = "counted"
ASKED: Final = "preview"
EXPORT: Final = "_export"
SALT: Final = "stock.protection-preview"
REFRESH_SECONDS: Final = 3
LEVELS_AT_ONCE: Final = 200_000
"""What is counted while a person waits. Beyond, a task counts and the page shows how it gets on."""
BAR_WIDTH, BAR_GAP, CHART_HEIGHT = 64, 12, 140


class PreviewedForm(forms.ModelForm):
    """Not valid before exactly what it says has been previewed: then it is shown again, without an error.

    The preview's word for it is signed, so that it cannot be skipped.
    """

    def is_valid(self) -> bool:
        """Whoever asks for the file does not save."""
        return super().is_valid() and self.is_previewed and EXPORT not in self.data

    @property
    def is_previewed(self) -> bool:
        try:
            return bool(signing.loads(self.data.get(CONFIRMED, ""), salt=SALT) == rule_as_told(self.instance))
        except signing.BadSignature:
            return False

    @property
    def awaits_preview(self) -> bool:
        """Filled in rightly; what it would do is not shown yet."""
        return self.is_bound and not self.errors

    def confirmation(self) -> str:
        """That this very rule was shown: equal for equal rules, however they were typed."""
        return signing.dumps(rule_as_told(self.instance), salt=SALT)


def preview_of(form: PreviewedForm) -> dict[str, Any]:
    """What the rule would hide, counted while the person waits, ready to be drawn."""
    return _drawn(form.instance, hidden_stock(rule=form.instance, at=clock.now())) | {"confirmed": form.confirmation()}


def answer_in_background(form: PreviewedForm, request: HttpRequest) -> HttpResponseRedirect:
    """Have a large rule counted, or written out, by a task, and go to the page that shows how it gets on."""
    wants_file = EXPORT in request.POST
    preview = _counted_before(form, request.POST.get(COUNTED, "")) if wants_file else None
    if preview is None:
        preview = ask_preview(rule=form.instance, with_file=wants_file)
    else:
        ask_file(preview=preview)
    return HttpResponseRedirect(f"{request.path}?{urlencode({ASKED: preview.pk})}")


def _counted_before(form: PreviewedForm, pk: str) -> ProtectionPreview | None:
    """The preview on the page, where the rule is still the one it told of."""
    found = ProtectionPreview.objects.filter(pk=pk).first() if pk.isdecimal() else None
    return found if found is not None and found.rule == rule_as_told(form.instance) else None


def show_counted(form: PreviewedForm, preview: ProtectionPreview) -> dict[str, Any]:
    """The form filled in with the rule that was asked about, and what is known of it by now, ready to be drawn."""
    rule = rule_of(preview)
    form.instance = rule
    form.initial.update(forms.model_to_dict(rule, fields=form.fields))
    for each in form.fields.values():
        each.disabled = preview.counted_at is None and not preview.is_given_up
    found = found_by(preview)
    shown = {"rule": rule, "asked": preview, "refresh_seconds": REFRESH_SECONDS}
    if found is None:
        return shown
    return shown | _drawn(rule, found) | {"confirmed": form.confirmation()}


def preview_file(rule: ProtectionRule) -> StreamingHttpResponse:
    """Every level that would lose units, as it is read."""
    response = StreamingHttpResponse(hidden_lines(rule=rule, at=clock.now()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="protection-preview.csv"'
    return response


def _drawn(rule: ProtectionRule, hidden: HiddenStock) -> dict[str, Any]:
    return {
        "rule": rule,
        "hidden": hidden,
        "top_skus": [{**row, "hidden": row["before"] - row["after"]} for row in hidden.top_skus],
        "bars": _bars(hidden),
        "chart_height": CHART_HEIGHT + 44,
        "chart_width": max(len(hidden.histogram), 1) * (BAR_WIDTH + BAR_GAP) + BAR_GAP,
    }


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
