"""Rule sets in the admin: a draft edited as its document, read in words, then published or taken back."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from oms.core.admin.base import ScopedAdmin
from oms.core.queries.actor_names import named_actors
from oms.orchestration.admin.reading import language
from oms.orchestration.admin.rule_set_examples import (
    ExampleByHandView,
    ExampleFromOrderView,
    ExampleView,
    example_lines,
)
from oms.orchestration.admin.rule_set_form import RuleSetForm
from oms.orchestration.admin.rule_set_moves import MoveView
from oms.orchestration.documents import ordered, readable
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.queries.linting import findings_for
from oms.orchestration.queries.rule_sets import version_to_read
from oms.orchestration.roles import PUBLISH
from oms.orchestration.services.rule_sets import save_draft
from oms.orchestration.states import VersionState
from oms.orchestration.wording import in_words
from oms.sourcing.rule_parsing import parse_rule_set


@admin.register(RuleSet)
class RuleSetAdmin(ScopedAdmin):
    """The lowest priority is asked first; the first published set an order meets the conditions of decides."""

    form = RuleSetForm
    change_form_template = "admin/orchestration/rule_set_form.html"
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
        words = (_("In words"), {"fields": ("in_words",)})
        versions = (_("Versions"), {"fields": ("version_list",)})
        examples = (_("Example orders"), {"fields": ("example_list",)})
        if self.has_change_permission(request, obj):
            return (examples, words, versions)
        read = (_("Draft"), {"fields": ("code", "findings", "document_to_read")})
        return (words, examples, versions, read)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: RuleSet | None = None, **kwargs: Any
    ) -> HttpResponse:
        """Who only looks reads the words and the document; asking for the other view is no mistake."""
        context["is_editable"] = obj is None or self.has_change_permission(request, obj)
        if getattr(context["adminform"].form, "is_asking", False):
            context["errors"] = None
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: RuleSet | None = None) -> tuple[str, ...]:
        return (
            () if obj is None else ("code", "in_words", "findings", "example_list", "version_list", "document_to_read")
        )

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
        examples = [
            path(f"<int:object_id>/examples/{way}", wrapped(view.as_view(model_admin=self)), name=name)
            for way, view, name in (
                ("from-order/", ExampleFromOrderView, "orchestration_ruleset_example_from_order"),
                ("by-hand/", ExampleByHandView, "orchestration_ruleset_example_by_hand"),
                ("<int:example_id>/", ExampleView, "orchestration_ruleset_example"),
            )
        ]
        return [*own, *examples, *super().get_urls()]

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

    @admin.display(description=_("what should become of them"))
    def example_list(self, rule_set: RuleSet) -> SafeString:
        lines = example_lines(rule_set, version_to_read(rule_set).document)
        context = {"lines": lines, "rule_set": rule_set, "may_change": True}
        return render_to_string("admin/orchestration/examples.html", context)

    @admin.display(description=_("versions"))
    def version_list(self, rule_set: RuleSet) -> SafeString:
        versions = sorted(rule_set.versions.all(), key=lambda each: -each.number)
        names = named_actors(actor for each in versions for actor in (each.edited_by, each.published_by) if actor)
        rows = [(each, names.get(each.edited_by), names.get(each.published_by)) for each in versions]
        return render_to_string("admin/orchestration/versions.html", {"versions": rows, "rule_set": rule_set})

    @admin.display(description=_("document"))
    def document_to_read(self, rule_set: RuleSet) -> SafeString:
        text = readable(ordered(version_to_read(rule_set).document))
        return render_to_string("admin/orchestration/document.html", {"text": text})


def _in_state(rule_set: RuleSet, state: VersionState) -> list[RuleSetVersion]:
    return [each for each in rule_set.versions.all() if each.state == state]


def _numbers(rule_set: RuleSet, state: VersionState) -> str:
    return ", ".join(str(each.number) for each in _in_state(rule_set, state)) or "–"
