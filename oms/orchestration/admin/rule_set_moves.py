"""The page between a click and its effect: what would change, then publish, roll back or call off."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from unfold.widgets import UnfoldAdminTextInputWidget

from oms.core.errors import OmsError
from oms.core.punctuation import with_colon
from oms.core.refusals import told
from oms.orchestration.admin.rule_set_changes import changes
from oms.orchestration.admin.rule_set_examples import example_lines
from oms.orchestration.documents import ordered
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.queries.linting import findings_for
from oms.orchestration.roles import OVERRIDE_EXAMPLES
from oms.orchestration.services.rule_sets import publish, roll_back, unschedule
from oms.orchestration.states import VersionState
from oms.sourcing.rule_parsing import parse_rule_set


class MomentForm(forms.Form):
    """When the draft takes effect."""

    at = forms.DateTimeField(
        required=False,
        label=_("Takes effect at"),
        help_text=_("Empty: at once."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    although = forms.CharField(
        required=False,
        max_length=200,
        label=_("Publish all the same, because"),
        help_text=_("It is kept in the audit with your name."),
        widget=UnfoldAdminTextInputWidget,
    )


def _publish(version: RuleSetVersion, at: datetime | None, although: str) -> RuleSetVersion:
    return publish(code=version.rule_set.code, at=at, although=although)


def _roll_back(version: RuleSetVersion, *_ignored: object) -> RuleSetVersion:
    return roll_back(code=version.rule_set.code, version=version.number)


def _unschedule(version: RuleSetVersion, *_ignored: object) -> RuleSetVersion:
    return unschedule(code=version.rule_set.code, version=version.number)


class MoveView(View):
    """One version of one rule set; GET shows, POST does. `move`: publish, roll-back or unschedule."""

    model_admin: Any = None
    move: str = "publish"
    moves: ClassVar[dict[str, Callable[[RuleSetVersion, datetime | None, str], RuleSetVersion]]] = {
        "publish": _publish,
        "roll-back": _roll_back,
        "unschedule": _unschedule,
    }
    states: ClassVar[dict[str, VersionState]] = {
        "publish": VersionState.DRAFT,
        "roll-back": VersionState.RETIRED,
        "unschedule": VersionState.SCHEDULED,
    }
    titles: ClassVar[dict[str, Any]] = {
        "publish": _("Publish version %(number)d of %(code)s"),
        "roll-back": _("Roll %(code)s back to version %(number)d"),
        "unschedule": _("Call off version %(number)d of %(code)s"),
    }

    def get(self, request: HttpRequest, object_id: int, number: int) -> HttpResponse:
        return self._page(request, self._version(request, object_id, number), MomentForm())

    def post(self, request: HttpRequest, object_id: int, number: int) -> HttpResponse:
        version = self._version(request, object_id, number)
        form = MomentForm(request.POST)
        if not form.is_valid():
            return self._page(request, version, form)
        try:
            moved = self.moves[self.move](version, form.cleaned_data["at"], self._although(request, form))
        except OmsError as refused:
            form.add_error(None, told(refused.detail))
            return self._page(request, version, form)
        messages.success(request, with_colon(moved, VersionState(moved.state).label))
        return HttpResponseRedirect(reverse("admin:orchestration_ruleset_change", args=[object_id]))

    def _although(self, request: HttpRequest, form: MomentForm) -> str:
        """The reason to pass over examples that fail; it counts from who may."""
        return str(form.cleaned_data["although"]) if request.user.has_perm(OVERRIDE_EXAMPLES) else ""  # type: ignore[union-attr]

    def _version(self, request: HttpRequest, object_id: int, number: int) -> RuleSetVersion:
        rule_set: RuleSet | None = self.model_admin.get_object(request, str(object_id))
        if rule_set is None:
            raise Http404
        if not self.model_admin.has_publish_permission(request, rule_set):
            raise PermissionDenied
        version = rule_set.versions.select_related("rule_set__published_version").filter(number=number).first()
        if version is None:
            raise Http404
        return version

    def _page(self, request: HttpRequest, version: RuleSetVersion, form: MomentForm) -> HttpResponse:
        in_force = version.rule_set.published_version
        lines = example_lines(version.rule_set, version.document)
        context = {
            **self.model_admin.admin_site.each_context(request),
            "opts": RuleSet._meta,
            "title": self.titles[self.move] % {"number": version.number, "code": version.rule_set.code},
            "version": version,
            "in_force": in_force,
            "can_move": version.state == self.states[self.move],
            "takes_moment": self.move == "publish",
            "changes": changes(ordered(in_force.document), ordered(version.document)) if in_force else [],
            "findings": findings_for(parse_rule_set(version.document)),
            "lines": lines,
            "is_stopped": self.move == "publish" and not all(line.is_as_wanted for line in lines),
            "may_override": request.user.has_perm(OVERRIDE_EXAMPLES),  # type: ignore[union-attr]
            "form": form,
        }
        return render(request, "admin/orchestration/move.html", context)
