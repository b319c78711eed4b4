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

from oms.core.errors import OmsError
from oms.orchestration.documents import differences, ordered
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.queries.linting import findings_for
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


def _publish(version: RuleSetVersion, at: datetime | None) -> RuleSetVersion:
    return publish(code=version.rule_set.code, at=at)


def _roll_back(version: RuleSetVersion, at: datetime | None) -> RuleSetVersion:
    return roll_back(code=version.rule_set.code, version=version.number)


def _unschedule(version: RuleSetVersion, at: datetime | None) -> RuleSetVersion:
    return unschedule(code=version.rule_set.code, version=version.number)


class MoveView(View):
    """One version of one rule set; GET shows, POST does. `move`: publish, roll-back or unschedule."""

    model_admin: Any = None
    move: str = "publish"
    moves: ClassVar[dict[str, Callable[[RuleSetVersion, datetime | None], RuleSetVersion]]] = {
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
            moved = self.moves[self.move](version, form.cleaned_data["at"])
        except OmsError as refused:
            form.add_error(None, refused.detail)
            return self._page(request, version, form)
        messages.success(request, f"{moved}: {VersionState(moved.state).label}")
        return HttpResponseRedirect(reverse("admin:orchestration_ruleset_change", args=[object_id]))

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
        context = {
            **self.model_admin.admin_site.each_context(request),
            "opts": RuleSet._meta,
            "title": self.titles[self.move] % {"number": version.number, "code": version.rule_set.code},
            "version": version,
            "in_force": in_force,
            "can_move": version.state == self.states[self.move],
            "takes_moment": self.move == "publish",
            "differences": differences(ordered(in_force.document) if in_force else {}, ordered(version.document)),
            "findings": findings_for(parse_rule_set(version.document)),
            "form": form,
        }
        return render(request, "admin/orchestration/move.html", context)
