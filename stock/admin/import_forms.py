"""What is asked of a person who sends a stock file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from unfold.contrib.import_export.forms import ImportForm
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from oms.core import clock
from oms.core.amounts import grouped
from oms.core.errors import OmsError
from oms.core.refusals import told
from stock.feeds.swinging import Difference
from stock.models import ImportBasis, ImportKind
from stock.services.importing import refuse_too_large


class StockImportForm(ImportForm):
    """The file and what it says of itself: nothing of this is guessed."""

    kind = forms.ChoiceField(
        choices=ImportKind.choices,
        label=_("Kind"),
        help_text=_("Delta: only the rows listed. Snapshot: what is not listed at the stock points named is 0."),
        widget=UnfoldAdminSelectWidget,
    )
    as_of = forms.DateTimeField(
        label=_("As of"),
        help_text=_("When these figures were true. What moved since is added to them."),
        initial=clock.now,
        input_formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "step": "1", "class": " ".join(INPUT_CLASSES)},
            format="%Y-%m-%dT%H:%M:%S",
        ),
    )
    source = forms.CharField(
        max_length=64,
        label=_("Source"),
        help_text=_("The system these figures come from; a new name makes a new source."),
        widget=UnfoldAdminTextInputWidget,
    )
    basis = forms.ChoiceField(
        choices=[("", _("As the source has told")), *ImportBasis.choices],
        required=False,
        label=_("Basis"),
        help_text=_("Fixed by a source's first file: what is there, or what is left after our reservations."),
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ("resource", "import_file", "format", "kind", "as_of", "source", "basis")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["import_file"].help_text = _("Columns: sku, stock_point, quantity and, if told, unavailable.")
        self.fields["format"].label = _("Columns separated by")

    def clean_import_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["import_file"]
        try:
            refuse_too_large(file.size)
        except OmsError as refused:
            raise ValidationError(told(refused.detail)) from refused
        return file

    @property
    def media(self) -> forms.Media:
        """Nothing to guess: all formats are text, and how its columns are separated is told."""
        return forms.Form.media.fget(self)  # type: ignore[attr-defined, no-any-return]

    def request(self) -> dict[str, Any]:
        """What `create_import` wants to know."""
        told = self.cleaned_data
        return {
            "file": told["import_file"],
            "file_name": told["import_file"].name,
            "source": told["source"],
            "kind": told["kind"],
            "as_of": told["as_of"],
            "basis": told["basis"] or None,
        }


class ConfirmImportForm(forms.Form):
    """Which import was looked at; its file and its figures are kept there."""

    stock_import = forms.IntegerField(widget=forms.HiddenInput)


class SwingSeenForm(forms.Form):
    """A second deliberate act, where a file takes away so much that a person has to stand by it."""

    has_seen = forms.BooleanField(error_messages={"required": _("Nothing is written: say that you have seen it.")})

    def __init__(self, *args: Any, difference: Difference, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["has_seen"].label = _(
            "I have seen that this takes %(fallen)s of %(touched)s units off the levels it speaks of."
        ) % {"fallen": grouped(difference.units_fallen), "touched": grouped(difference.units_touched)}

    @property
    def refusal(self) -> str:
        return " ".join(str(error) for error in self.errors.get("has_seen", ()))


def seen_form_for(difference: Difference | None, data: Mapping[str, Any] | None = None) -> SwingSeenForm | None:
    """What has to be said besides the confirmation; None where the file is harmless."""
    if difference is None or not difference.is_suspicious:
        return None
    return SwingSeenForm(data, difference=difference)
