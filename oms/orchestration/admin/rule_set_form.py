"""A draft as it is written: in a form or as JSON, whichever the writer looks at; both say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from oms.core.punctuation import with_colon
from oms.orchestration.admin.mistakes import told
from oms.orchestration.admin.rule_set_editor import RuleSetEditor, errors_by_name
from oms.orchestration.documents import ordered, readable
from oms.orchestration.editing import Values, document_of, values_of
from oms.orchestration.errors import InvalidRuleSet
from oms.orchestration.models import RuleSet
from oms.orchestration.queries.rule_sets import version_to_read
from oms.orchestration.services.rule_sets import complete_document

FORM, JSON = "form", "json"
STARTING_POINT = {"name": "", "rules": [{"name": ""}]}


class RuleSetForm(forms.ModelForm):
    """The code once, and the document. `view` says which of the two was written in; `ask` wants to see (`form`,
    `json`) what was written, with its mistakes and findings, and saves nothing."""

    document = forms.CharField(
        label=capfirst(_("document")),
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 40, "class": "font-mono", "spellcheck": "false"}),
        help_text=_("Saved as the draft, with every key; the draft is not in force before it is published."),
    )

    class Meta:
        model = RuleSet
        fields = ("code",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.problems: list[Mapping[str, str]] = []
        self.kept = self._kept()
        self.fields["document"].initial = readable(self.kept)

    @property
    def is_asking(self) -> bool:
        return bool(self.is_bound and self.data.get("ask"))

    @property
    def is_written_in_form(self) -> bool:
        return bool(self.is_bound and self.data.get("view") == FORM)

    @property
    def view(self) -> str:
        """What is to be shown. JSON that cannot be read stays where it can be mended."""
        if not self.is_bound:
            return str(self.initial.get("view", FORM))
        asked = self.data.get("ask") or self.data.get("view") or JSON
        return JSON if asked == JSON or self._document is None else FORM

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        code = self.instance.code if self.instance.pk else data.get("code")
        if not code and self.is_asking:
            code = "new"
        if code:
            data["document"] = self._checked(code)
        if self.is_asking:
            # Nothing is saved: what was written is only shown again.
            self.add_error("document", ValidationError("", code="asking"))
        return data

    def _checked(self, code: str) -> Any:
        if self._document is None:
            self.add_error("document", self._unreadable)
            return None
        try:
            return complete_document(code=code, document=self._document)
        except InvalidRuleSet as invalid:
            self.problems = list(invalid.errors or [])  # type: ignore[arg-type]
            sentences = [with_colon(each["path"], told(each["detail"])) for each in self.problems]
            self.add_error("document", ValidationError(sentences))
            return None

    @cached_property
    def _document(self) -> Any:
        """What was written, as a document; None where it cannot be read as one."""
        if self.is_written_in_form:
            return document_of(self._posted())
        try:
            return orjson.loads(self.data.get("document", ""))
        except orjson.JSONDecodeError as error:
            self._unreadable = _("Not JSON, line %(line)d: %(why)s") % {"line": error.lineno, "why": error.msg}
            return None

    _unreadable: Any = ""

    def _posted(self) -> Values:
        return {name: self.data.getlist(name) for name in self.data}  # type: ignore[attr-defined]

    def _kept(self) -> dict[str, Any]:
        if self.instance.pk:
            return ordered(version_to_read(self.instance).document)
        return STARTING_POINT

    @property
    def text(self) -> str:
        """The JSON to be shown: as it was typed, or what the form says."""
        if not self.is_bound:
            return readable(self.kept)
        if self.is_written_in_form:
            return readable({"code": self._code, **self._document})
        return str(self.data.get("document", ""))

    @cached_property
    def editor(self) -> RuleSetEditor:
        values = self._values()
        return RuleSetEditor(values=values, code=self._code, errors=errors_by_name(self.problems, values))

    def _values(self) -> Values:
        """As typed in the form, else of the document; what a document lacks or cannot mean is as usual."""
        if self.is_written_in_form:
            return self._posted()
        return values_of(_whole(self._document if self.is_bound else self.kept))

    @property
    def _code(self) -> str:
        return self.instance.code if self.instance.pk else str(self.data.get("code", "")) or "new"


def _whole(document: Any) -> dict[str, Any]:
    """With every key, where it can be: a document with mistakes is shown as far as it goes."""
    usual = complete_document(code="new", document={"name": "-", "rules": [{"name": "-"}]})
    given = document if isinstance(document, dict) else {}
    rules = given.get("rules")
    marks = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    whole = _laid_over({**usual, "name": ""}, {**given, "rules": []})
    return {**whole, "rules": [_laid_over({**usual["rules"][0], "name": ""}, rule) for rule in marks]}


def _laid_over(usual: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    whole = dict(usual)
    for key, value in given.items():
        if isinstance(usual.get(key), dict):
            whole[key] = _laid_over(usual[key], value) if isinstance(value, dict) else usual[key]
        elif not isinstance(usual.get(key), list) or isinstance(value, list):
            whole[key] = value
    return whole
