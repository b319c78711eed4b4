from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class FindForm(forms.Form):
    """What an order is found again by."""

    number = forms.CharField(
        label=_("Order number"), max_length=40, help_text=_("It stands in our messages and begins with H.")
    )
    email = forms.EmailField(label=_("E-mail"), max_length=254, help_text=_("The one you gave when you ordered."))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["number"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters"}
        self.fields["email"].widget.attrs |= {"autocomplete": "email"}

    def refuse(self) -> None:
        """One sentence for every reason: whoever guesses learns nothing."""
        self.add_error(None, _("We find no order with this number and this e-mail. Please check both."))

    def refuse_for_now(self) -> None:
        self.add_error(None, _("Too many attempts. Try again in a few minutes."))
