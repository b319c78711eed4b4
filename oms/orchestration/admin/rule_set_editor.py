"""A rule set's draft as a form: what its template shows, built from values that were read or posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from django.db.models.functions import Left
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from oms.core.punctuation import with_colon
from oms.orchestration.admin.mistakes import told
from oms.orchestration.admin.reading import language
from oms.orchestration.admin.rule_set_texts import (
    LAST_SECTION,
    RULE_SECTIONS,
    RULE_WORDS,
    SET_SECTIONS,
    SET_WORDS,
    Section,
    Words,
    option_label,
)
from oms.orchestration.editing import (
    RULE,
    RULE_KEYS,
    SET_KEYS,
    Key,
    Kind,
    Values,
    document_of,
    name_of_path,
    rule_prefix,
    usual_rule,
    values_of,
)
from oms.orchestration.errors import InvalidRuleSet
from oms.orchestration.queries.linting import Finding, findings_for
from oms.orchestration.services.rule_sets import complete_document
from oms.orchestration.wording import in_words
from oms.sourcing.rule_parsing import parse_rule_set
from oms.sourcing.rules import Rule, RuleCalendar, RuleSet, clock_text
from stock.models import Banner, Product, SalesChannel, StockPoint, StockPointGroup

NEW_RULE = "__new__"
_KEYS = {key.path: key for key in SET_KEYS}
_RULE_KEYS = {key.path: key for key in RULE_KEYS}
MOST_SUGGESTED = 2000


@dataclass(frozen=True)
class Input:
    """One value to be typed, ticked or chosen."""

    key: Key
    name: str
    words: Words
    given: Sequence[str]
    errors: Sequence[str]

    @property
    def id(self) -> str:
        return "id_" + self.name.replace(".", "-")

    @property
    def kind(self) -> str:
        return self.key.kind.value

    @property
    def value(self) -> str:
        return self.given[-1] if self.given else ""

    @property
    def described_by(self) -> str:
        return " ".join(
            part
            for part in (f"{self.id}-help" if self.words.help else "", f"{self.id}-errors" if self.errors else "")
            if part
        )

    @property
    def inputmode(self) -> str:
        return {Kind.WHOLE: "numeric", Kind.NUMBER: "decimal", Kind.MONEY: "decimal"}.get(self.key.kind, "text")

    @property
    def suggestions(self) -> str:
        """The list of what is known that fits here, by its id."""
        return _SUGGESTED.get(self.key.path, "")

    @property
    def choices(self) -> list[tuple[str, Any, bool]]:
        """In their usual order, unless those chosen are in another: then a list comes back as it was."""
        chosen, usual = list(self.given), [option for option in self.key.options if option in self.given]
        rest = [option for option in self.key.options if option not in chosen]
        listed = list(self.key.options) if chosen == usual else [*chosen, *rest]
        return [(option, option_label(self.key.path, option, language()), option in self.given) for option in listed]


@dataclass(frozen=True)
class Group:
    """`told`: what its values say, in words."""

    title: Any
    help: Any
    inputs: Sequence[Input]
    told: str = ""

    @property
    def has_errors(self) -> bool:
        return any(each.errors for each in self.inputs)


@dataclass(frozen=True)
class RuleInputs:
    mark: str
    name: Input
    groups: Sequence[Group]
    findings: Sequence[Finding] = ()

    @property
    def has_errors(self) -> bool:
        return bool(self.name.errors) or any(group.has_errors for group in self.groups)


@dataclass
class RuleSetEditor:
    """`errors` by the name of the value they are about; "" for those about none that is shown."""

    values: Values
    code: str = ""
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def groups(self) -> list[Group]:
        return [self._group(section, SET_WORDS, _KEYS, "") for section in SET_SECTIONS]

    @cached_property
    def last_group(self) -> Group:
        return self._group(LAST_SECTION, SET_WORDS, _KEYS, "")

    @cached_property
    def rules(self) -> list[RuleInputs]:
        return [self._rule(mark) for mark in self.values.get(RULE, ())]

    @cached_property
    def new_rule(self) -> RuleInputs:
        """What the script copies for a rule that is added."""
        values = values_of({**_EMPTY_SET, "rules": [usual_rule()]})
        named = {name.replace(rule_prefix("0"), rule_prefix(NEW_RULE)): given for name, given in values.items()}
        return RuleSetEditor(values=named)._rule(NEW_RULE)

    @cached_property
    def rule_set(self) -> RuleSet | None:
        """What stands in the form, if it is a rule set at all."""
        try:
            document = complete_document(code=self.code or "new", document=document_of(self.values))
        except InvalidRuleSet:
            return None
        return parse_rule_set(document)

    @cached_property
    def findings(self) -> list[Finding]:
        return findings_for(self.rule_set) if self.rule_set else []

    @cached_property
    def words(self) -> list[tuple[str, ...]]:
        """Of each rule, what each of its sections says."""
        if self.rule_set is None:
            return []
        told = in_words(self.rule_set, language()).rules
        return [
            (each.looks_at, each.compares, each.allows, each.then, _when(rule))
            for each, rule in zip(told, self.rule_set.rules, strict=True)
        ]

    @property
    def findings_of_the_set(self) -> list[Finding]:
        return [each for each in self.findings if each.rule is None]

    @property
    def general_errors(self) -> Sequence[str]:
        return [*self.errors.get("", ()), *self.errors.get("rules", ())]

    @property
    def suggestions(self) -> dict[str, list[tuple[str, str]]]:
        """What is known, by the id of its list: code and name."""
        tags = {tag for found in StockPoint.objects.exclude(tags=[]).values_list("tags", flat=True) for tag in found}
        categories = Product.objects.exclude(category="").values_list("category", flat=True).distinct()
        return {
            "known-channels": list(SalesChannel.objects.order_by("code").values_list("code", "name")),
            "known-banners": list(Banner.objects.order_by("code").values_list("code", "name")),
            "known-groups": list(StockPointGroup.objects.order_by("code").values_list("code", "name")),
            "known-points": list(
                StockPoint.objects.filter(is_active=True).order_by("code").values_list("code", "name")[:MOST_SUGGESTED]
            ),
            "known-tags": [(tag, "") for tag in sorted(tags)],
            "known-categories": [(each, "") for each in categories.order_by(Left("category", 60))[:MOST_SUGGESTED]],
        }

    def _rule(self, mark: str) -> RuleInputs:
        prefix = rule_prefix(mark)
        name = self._input("name", RULE_WORDS, _RULE_KEYS, prefix)
        place = list(self.values.get(RULE, ())).index(mark) if mark != NEW_RULE else 0
        told = self.words[place] if mark != NEW_RULE and place < len(self.words) else ()
        return RuleInputs(
            mark=mark,
            name=name,
            groups=[
                replace(self._group(section, RULE_WORDS, _RULE_KEYS, prefix), told=words)
                for section, words in zip_longest(RULE_SECTIONS, told, fillvalue="")
                if isinstance(section, Section)
            ],
            findings=[] if mark == NEW_RULE else [each for each in self.findings if each.rule == name.value],
        )

    def _group(self, section: Section, words: Mapping[str, Words], keys: Mapping[str, Key], prefix: str) -> Group:
        inputs = [self._input(path, words, keys, prefix) for path in section.paths]
        return Group(section.title, section.help, inputs)

    def _input(self, path: str, words: Mapping[str, Words], keys: Mapping[str, Key], prefix: str) -> Input:
        name = prefix + path
        # A mistake about several values at once stands beside the first of them.
        about = [name, *([name.rpartition(".")[0]] if path.endswith((".from", ".min", ".first_day")) else [])]
        errors = [error for each in dict.fromkeys(about) for error in self.errors.get(each, ())]
        return Input(keys[path], name, words[path], self.values.get(name, ()), errors)


def _when(rule: Rule) -> str:
    calendar = rule.calendar
    if calendar == RuleCalendar():
        return _("always")
    days = " ".join(str(option_label("calendar.weekdays", str(day), language())) for day in calendar.weekdays)
    return f"{days} {clock_text(calendar.start)}–{clock_text(calendar.end)}"


_SUGGESTED = {
    "applies_to.channels": "known-channels",
    "applies_to.banners": "known-banners",
    "applies_to.categories_any": "known-categories",
    "filters.groups_any": "known-groups",
    "filters.exclude_groups": "known-groups",
    "filters.stock_points": "known-points",
    "filters.exclude_stock_points": "known-points",
    "filters.tags_any": "known-tags",
    "filters.exclude_tags": "known-tags",
}
_EMPTY_SET = complete_document(code="new", document={"name": "new", "rules": [{"name": "new"}]})


def errors_by_name(problems: Sequence[Mapping[str, str]], values: Values) -> dict[str, list[str]]:
    """The parser's mistakes, each under the name of the value it is about; "" where there is no such value."""
    marks = values.get(RULE, ())
    shown = {key.path for key in SET_KEYS} | {"rules"}
    shown |= {rule_prefix(mark) + key.path for mark in marks for key in RULE_KEYS}
    shared = {"applies_to.order_value", "applies_to.ordered", *(f"{rule_prefix(mark)}calendar" for mark in marks)}
    found: dict[str, list[str]] = {}
    for each in problems:
        name = name_of_path(each["path"], marks)
        if name in shown or name in shared:
            found.setdefault(name, []).append(told(each["detail"]))
        else:
            found.setdefault("", []).append(with_colon(each["path"], told(each["detail"])))
    return found
