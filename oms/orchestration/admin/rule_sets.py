"""Rule sets in the admin: a draft edited as its document, read in words, then published or taken back."""

from typing import Any

import orjson
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from oms.core.admin.base import ScopedAdmin
from oms.orchestration.admin.reading import language
from oms.orchestration.admin.rule_set_moves import MoveView
from oms.orchestration.documents import ordered, readable
from oms.orchestration.errors import InvalidRuleSet
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.queries.linting import findings_for
from oms.orchestration.queries.rule_sets import version_to_read
from oms.orchestration.roles import PUBLISH
from oms.orchestration.services.rule_sets import complete_document, save_draft
from oms.orchestration.states import VersionState
from oms.orchestration.wording import in_words
from oms.sourcing.rule_parsing import parse_rule_set

STARTING_POINT = {"name": "", "priority": 100, "applies_to": {}, "rules": [{"name": "", "filters": {}}]}


class RuleSetForm(forms.ModelForm):
    """The code once, and the document: every mistake is told with the path of its key."""

    document = forms.CharField(
        label=_("document"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 40, "class": "font-mono", "spellcheck": "false"}),
        help_text=_("Saved as the draft, with every key; nothing is in force before it is published."),
    )

    class Meta:
        model = RuleSet
        fields = ("code",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document = ordered(version_to_read(self.instance).document) if self.instance.pk else STARTING_POINT
        self.fields["document"].initial = readable(document)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        code = self.instance.code if self.instance.pk else data.get("code")
        if code and "document" in data:
            data["document"] = self._checked(code, data["document"])
        return data

    def _checked(self, code: str, text: str) -> Any:
        try:
            document = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            self.add_error("document", _("Not JSON, line %(line)d: %(why)s") % {"line": error.lineno, "why": error.msg})
            return None
        try:
            return complete_document(code=code, document=document)
        except InvalidRuleSet as invalid:
            mistakes: Any = invalid.errors or []
            self.add_error("document", ValidationError([f"{each['path']}: {each['detail']}" for each in mistakes]))
            return None


@admin.register(RuleSet)
class RuleSetAdmin(ScopedAdmin):
    """The lowest priority is asked first; the first published set an order meets the conditions of decides."""

    form = RuleSetForm
    list_display = ("code", "name", "priority", "published", "draft", "scheduled")
    list_select_related = ("published_version",)
    search_fields = ("code", "name")
    ordering = ("priority", "code")
    actions = None
    actions_detail = ("publish",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleSet]:
        return super().get_queryset(request).prefetch_related("versions")

    def get_fieldsets(self, request: HttpRequest, obj: RuleSet | None = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("code", "document")}),)
        written = "document" if self.has_change_permission(request, obj) else "document_to_read"
        return (
            (_("In words"), {"fields": ("in_words", "findings")}),
            (_("Versions"), {"fields": ("version_list",)}),
            (_("Draft"), {"fields": ("code", written)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: RuleSet | None = None) -> tuple[str, ...]:
        return () if obj is None else ("code", "in_words", "findings", "version_list", "document_to_read")

    def has_delete_permission(self, request: HttpRequest, obj: RuleSet | None = None) -> bool:
        """Runs name it for ever: it is emptied of effect by another version, never deleted."""
        return False

    def has_publish_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(PUBLISH)  # type: ignore[union-attr]

    def save_model(self, request: HttpRequest, obj: RuleSet, form: forms.ModelForm, change: bool) -> None:
        draft = save_draft(code=obj.code, document=form.cleaned_data["document"])
        obj.__dict__.update({field.attname: getattr(draft.rule_set, field.attname) for field in RuleSet._meta.fields})
        obj._state.adding = False

    def get_urls(self) -> list[URLPattern]:
        wrapped = self.admin_site.admin_view
        own = [
            path(
                f"<int:object_id>/{move}/<int:number>/",
                wrapped(MoveView.as_view(model_admin=self, move=move)),
                name=f"orchestration_ruleset_move_{move}",
            )
            for move in MoveView.moves
        ]
        return [*own, *super().get_urls()]

    @action(description=_("Publish draft…"), permissions=["publish"], url_path="publish-draft")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Leads to the page that asks for confirmation: nothing changes by following a link."""
        rule_set = self.get_object(request, object_id)
        if rule_set is None:
            raise Http404
        draft = next(iter(_in_state(rule_set, VersionState.DRAFT)), None)
        if draft is None:
            self.message_user(request, _("There is no draft to publish."), level="warning")
            return HttpResponseRedirect(reverse("admin:orchestration_ruleset_change", args=[object_id]))
        return HttpResponseRedirect(reverse("admin:orchestration_ruleset_move_publish", args=[object_id, draft.number]))

    @admin.display(description=_("in force"))
    def published(self, rule_set: RuleSet) -> str:
        return _numbers(rule_set, VersionState.PUBLISHED)

    @admin.display(description=_("draft"))
    def draft(self, rule_set: RuleSet) -> str:
        return _numbers(rule_set, VersionState.DRAFT)

    @admin.display(description=_("scheduled"))
    def scheduled(self, rule_set: RuleSet) -> str:
        return _numbers(rule_set, VersionState.SCHEDULED)

    @admin.display(description=_("rules"))
    def in_words(self, rule_set: RuleSet) -> SafeString:
        version = version_to_read(rule_set)
        words = in_words(parse_rule_set(version.document), language())
        return render_to_string("admin/orchestration/rule_set_words.html", {"version": version, "words": words})

    @admin.display(description=_("findings"))
    def findings(self, rule_set: RuleSet) -> SafeString:
        findings = findings_for(parse_rule_set(version_to_read(rule_set).document))
        return render_to_string("admin/orchestration/findings.html", {"findings": findings})

    @admin.display(description=_("versions"))
    def version_list(self, rule_set: RuleSet) -> SafeString:
        versions = sorted(rule_set.versions.all(), key=lambda each: -each.number)
        return render_to_string("admin/orchestration/versions.html", {"versions": versions, "rule_set": rule_set})

    @admin.display(description=_("document"))
    def document_to_read(self, rule_set: RuleSet) -> SafeString:
        text = readable(ordered(version_to_read(rule_set).document))
        return render_to_string("admin/orchestration/document.html", {"text": text})


def _in_state(rule_set: RuleSet, state: VersionState) -> list[RuleSetVersion]:
    return [each for each in rule_set.versions.all() if each.state == state]


def _numbers(rule_set: RuleSet, state: VersionState) -> str:
    return ", ".join(str(each.number) for each in _in_state(rule_set, state)) or "–"
