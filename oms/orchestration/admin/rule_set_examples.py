"""A rule set's example orders in the admin: made, changed and dropped; each page asks first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from oms.core.errors import OmsError
from oms.core.queries.actor_names import named_actors
from oms.core.refusals import show_refusal
from oms.orchestration.admin.example_forms import OUTCOME_LABELS, ByHandForm, ExpectedForm, FromOrderForm
from oms.orchestration.admin.reading import language
from oms.orchestration.admin.rule_set_texts import option_label
from oms.orchestration.examples import Outcome
from oms.orchestration.models import ExampleOrder, RuleSet
from oms.orchestration.queries.examples import KnownExample, TriedExample, examples_tried
from oms.orchestration.queries.rule_sets import version_to_read
from oms.orchestration.services.examples import drop_example, example_by_hand, example_from_order, expect_of_example
from oms.orchestration.wording import LANGUAGES, MODES
from oms.sourcing.rule_parsing import parse_rule_set


@dataclass(frozen=True)
class ExampleLine:
    """One example as it is listed: in words, what is wanted and what there is."""

    example: ExampleOrder
    order: str
    wanted: str
    got: str
    is_as_wanted: bool


def example_lines(rule_set: RuleSet, document: dict[str, Any]) -> list[ExampleLine]:
    """Every example of the set, tried under this document."""
    return [_line(each) for each in examples_tried(rule_set.pk, parse_rule_set(document))]


def _line(each: TriedExample) -> ExampleLine:
    return ExampleLine(
        example=each.known.example,
        order=order_in_words(each.known),
        wanted=outcome_in_words(each.tried.wanted),
        got=outcome_in_words(each.tried.got),
        is_as_wanted=each.tried.is_as_wanted,
    )


def order_in_words(known: KnownExample) -> str:
    facts = known.facts
    articles = ", ".join(f"{line.quantity} × {line.sku}" for line in facts.lines)
    place = facts.destination_point or (
        facts.destination and f"{facts.destination.country} {facts.destination.postcode}"
    )
    mode = MODES[facts.mode][LANGUAGES.index(language())]
    return f"{articles} · {mode} · {place or '–'} · {facts.channel.code}"


def outcome_in_words(outcome: Outcome) -> str:
    parts = [str(OUTCOME_LABELS[outcome.outcome])]
    if outcome.rule:
        parts.append(_("by “%(rule)s”") % {"rule": outcome.rule})
    if outcome.parcels:
        told = (f"{point} ({_units(lines)})" for point, lines in outcome.parcels.items())
        parts.append(_("from %(points)s") % {"points": ", ".join(told)})
    if outcome.action:
        parts.append(str(option_label("when_nothing_fits.action", outcome.action, language())))
    return ", ".join(parts)


def _units(lines: Any) -> str:
    return ", ".join(f"{units} × {sku}" for sku, units in lines.items())


class _ExampleView(View):
    """One form about one rule set; GET asks, POST does."""

    model_admin: Any = None
    title: Any = ""
    button: Any = gettext_lazy("Keep")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        rule_set = self.model_admin.get_object(request, str(kwargs.pop("object_id")))
        if rule_set is None:
            raise Http404
        if not self.model_admin.has_change_permission(request, rule_set):
            raise PermissionDenied
        self.rule_set: RuleSet = rule_set
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(request, self.form(**kwargs), **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(data=request.POST, **kwargs)
        if not form.is_valid():
            return self.page(request, form, **kwargs)
        try:
            messages.success(request, self.keep(form, **kwargs))
        except OmsError as refused:
            show_refusal(form, refused)
            return self.page(request, form, **kwargs)
        return HttpResponseRedirect(self.back)

    @property
    def back(self) -> str:
        return reverse("admin:orchestration_ruleset_change", args=[self.rule_set.pk]) + "#examples"

    def form(self, **kwargs: Any) -> forms.Form:
        raise NotImplementedError

    def keep(self, form: forms.Form, **kwargs: Any) -> str:
        """What was done, for the person who asked."""
        raise NotImplementedError

    def page(self, request: HttpRequest, form: forms.Form, **more: Any) -> HttpResponse:
        context = {
            **self.model_admin.admin_site.each_context(request),
            "opts": RuleSet._meta,
            "title": self.title,
            "rule_set": self.rule_set,
            "form": form,
            "button": self.button,
            "back": self.back,
            **more,
        }
        return render(request, "admin/orchestration/example.html", context)


class ExampleFromOrderView(_ExampleView):
    title = gettext_lazy("An example from an order")

    def form(self, **given: Any) -> FromOrderForm:
        return FromOrderForm(**given)

    def keep(self, form: forms.Form, **kwargs: Any) -> str:
        example = example_from_order(code=self.rule_set.code, **form.cleaned_data)
        return _("Kept: %(name)s") % {"name": example.title}


class ExampleByHandView(_ExampleView):
    title = gettext_lazy("An example by hand")

    def form(self, **given: Any) -> ByHandForm:
        return ByHandForm(**given)

    def keep(self, form: forms.Form, **kwargs: Any) -> str:
        assert isinstance(form, ByHandForm)
        name = form.cleaned_data["name"]
        example = example_by_hand(code=self.rule_set.code, name=name, asked=form.asked())
        return _("Kept: %(name)s") % {"name": example.title}


class ExampleView(_ExampleView):
    """What should become of one example; `drop` takes it away."""

    title = gettext_lazy("Example order")
    button = gettext_lazy("Save")

    def form(self, example_id: int = 0, **given: Any) -> ExpectedForm:
        example = self._example(example_id)
        initial = ExpectedForm.initial_of(example.name, Outcome.of_document(example.expected))
        return ExpectedForm(**given, initial=initial, rules=[rule.name for rule in self._rules.rules])

    @property
    def _rules(self) -> Any:
        return parse_rule_set(version_to_read(self.rule_set).document)

    def _example(self, example_id: int) -> ExampleOrder:
        found = self.rule_set.examples.filter(pk=example_id).first()
        if found is None:
            raise Http404
        return found

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "drop" in request.POST:
            example = self._example(kwargs["example_id"])
            drop_example(example_id=example.pk)
            messages.success(request, _("Removed: %(name)s") % {"name": example.title})
            return HttpResponseRedirect(self.back)
        return super().post(request, **kwargs)

    def keep(self, form: forms.Form, **kwargs: Any) -> str:
        assert isinstance(form, ExpectedForm)
        name = form.cleaned_data["name"]
        expect_of_example(example_id=kwargs["example_id"], name=name, expected=form.expected())
        return _("Kept: %(name)s") % {"name": name}

    def page(self, request: HttpRequest, form: forms.Form, **more: Any) -> HttpResponse:
        known = KnownExample(self._example(more["example_id"]))
        tried = TriedExample(known, known.under(self._rules))
        edited_by = known.example.edited_by
        by = named_actors([edited_by])[edited_by]
        return super().page(request, form, **more, line=_line(tried), stock=known.facts.available, by=by)
