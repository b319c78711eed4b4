"""Writing rule sets: drafts, publishing now or later, and the way back.

Every change of a rule set's versions first locks the rule set's own row.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.audit import record_audit
from oms.core.errors import Invalid, StateConflict
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from oms.orchestration.errors import ExamplesFail, InvalidRuleSet, NoDraft, UnknownRuleSet, UnknownVersion
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.queries.examples import examples_tried
from oms.orchestration.states import VERSION_MOVES, VersionState
from oms.sourcing.rule_parsing import RuleSetInvalid, parse_rule_set

_LONGEST_CODE = RuleSet._meta.get_field("code").max_length or 0


@retry_on_conflict
@transaction.atomic
def save_draft(*, code: str, document: Any) -> RuleSetVersion:
    """Write the rule set's one draft, replacing it if there is one; the rule set is made on first use.

    The document is kept complete: keys left out are written with their defaults, so that what was
    published keeps its meaning. Raises `InvalidRuleSet` with every mistake by path.
    """
    complete = complete_document(code=code, document=document)
    RuleSet.objects.bulk_create(
        [RuleSet(code=code, name=complete["name"], priority=complete["priority"])], ignore_conflicts=True
    )
    rule_set = _locked(code)
    draft = rule_set.versions.filter(state=VersionState.DRAFT).first()
    if draft is not None and draft.document == complete:
        return draft
    now = clock.now()
    if draft is None:
        draft = RuleSetVersion(rule_set=rule_set, number=_next_number(rule_set), created_at=now)
    draft.document = complete
    draft.edited_at = now
    draft.edited_by = current_actor()
    draft.save()
    if rule_set.published_version_id is None:
        _take_head(rule_set, draft)
    _audit("rule_set.drafted", draft)
    return draft


def complete_document(*, code: str, document: Any) -> dict[str, Any]:
    """The document with every key. A code inside it must be the one it is saved under."""
    if not isinstance(document, Mapping):
        raise InvalidRuleSet(errors=[_mistake("$", "wrong_type", "must be an object")])
    if document.get("code", code) != code:
        raise InvalidRuleSet(errors=[_mistake("code", "invalid", f"must be {code}, the code it is saved under")])
    if len(code) > _LONGEST_CODE:
        raise InvalidRuleSet(errors=[_mistake("code", "invalid", f"must have at most {_LONGEST_CODE} characters")])
    try:
        complete = parse_rule_set({**document, "code": code}).to_document()
    except RuleSetInvalid as invalid:
        raise InvalidRuleSet(errors=invalid.errors) from None
    if b"\\u0000" in orjson.dumps(complete):
        raise InvalidRuleSet(errors=[_mistake("$", "invalid", "may not contain the character NUL")])
    return complete


def _mistake(path: str, code: str, detail: str) -> dict[str, str]:
    return {"path": path, "code": code, "detail": detail}


@retry_on_conflict
@transaction.atomic
def publish(*, code: str, at: datetime | None = None, although: str = "") -> RuleSetVersion:
    """Put the draft in force now, or at a later moment (`activate_due` does it then).

    Raises `NoDraft`; `ExamplesFail` where an example order does not end as it should, unless somebody who may
    says `although` what reason (the caller asks for the permission, the reason is audited). A moment at which
    another version is already due is `Invalid`.
    """
    rule_set = _locked(code)
    draft = rule_set.versions.filter(state=VersionState.DRAFT).first()
    if draft is None:
        raise NoDraft
    _require_examples(rule_set, draft, although.strip())
    if at is None or at <= clock.now():
        _put_in_force(rule_set, draft)
        return draft
    if rule_set.versions.filter(state=VersionState.SCHEDULED, effective_at=at).exists():
        raise Invalid(
            gettext_noop("Another version takes effect at that moment."),
            errors={"at": [gettext_noop("is taken by another version")]},
        )
    VERSION_MOVES.move(draft, VersionState.SCHEDULED, effective_at=at, published_by=current_actor())
    _audit("rule_set.scheduled", draft, at=at.isoformat())
    return draft


def _require_examples(rule_set: RuleSet, draft: RuleSetVersion, although: str) -> None:
    tried = examples_tried(rule_set.pk, parse_rule_set(draft.document))
    failing = [each.known.example.name for each in tried if not each.tried.is_as_wanted]
    if failing and not although:
        raise ExamplesFail(data={"examples": failing})
    if failing:
        _audit("rule_set.examples_overridden", draft, reason=although, examples=failing)


@retry_on_conflict
@transaction.atomic
def roll_back(*, code: str, version: int) -> RuleSetVersion:
    """Put an earlier published version back in force, exactly as it was. The draft is not touched."""
    rule_set = _locked(code)
    earlier = rule_set.versions.filter(number=version).first()
    if earlier is None:
        raise UnknownVersion(f"Rule set {code} has no version {version}.")
    if earlier.state not in (VersionState.PUBLISHED, VersionState.RETIRED):
        raise StateConflict(f"Version {version} was never in force.", data={"state": earlier.state})
    if earlier.state == VersionState.RETIRED:
        _put_in_force(rule_set, earlier, action="rule_set.rolled_back")
    return earlier


@retry_on_conflict
@transaction.atomic
def unschedule(*, code: str, version: int) -> RuleSetVersion:
    """Call off a scheduled version; it is kept, retired, and can be rolled back to."""
    rule_set = _locked(code)
    scheduled = rule_set.versions.filter(number=version).first()
    if scheduled is None:
        raise UnknownVersion(f"Rule set {code} has no version {version}.")
    VERSION_MOVES.move(scheduled, VersionState.RETIRED)
    _audit("rule_set.unscheduled", scheduled)
    return scheduled


def activate_due() -> int:
    """Put every scheduled version whose moment has come in force, earliest first; how many."""
    due = RuleSetVersion.objects.filter(state=VersionState.SCHEDULED, effective_at__lte=clock.now())
    return sum(_activate(pk=pk) for pk in list(due.order_by("effective_at", "pk").values_list("pk", flat=True)))


@retry_on_conflict
@transaction.atomic
def _activate(*, pk: int) -> bool:
    code = RuleSet.objects.filter(versions=pk).values_list("code", flat=True).get()
    rule_set = _locked(code)
    version = rule_set.versions.get(pk=pk)
    if version.state != VersionState.SCHEDULED:
        return False
    _put_in_force(rule_set, version)
    return True


def _put_in_force(rule_set: RuleSet, version: RuleSetVersion, *, action: str = "rule_set.published") -> None:
    """`published_by` of a scheduled version stays with the person who scheduled it."""
    by = version.published_by if version.state == VersionState.SCHEDULED else current_actor()
    replaced = rule_set.versions.filter(state=VersionState.PUBLISHED).first()
    if replaced is not None:
        VERSION_MOVES.move(replaced, VersionState.RETIRED)
    VERSION_MOVES.move(version, VersionState.PUBLISHED, effective_at=clock.now(), published_by=by)
    rule_set.published_version = version
    _take_head(rule_set, version)
    _audit(action, version, replaced=replaced.number if replaced else None)
    emit("rule_set.published", rule_set_id=rule_set.pk, version=version.number)


def _take_head(rule_set: RuleSet, version: RuleSetVersion) -> None:
    rule_set.name = version.document["name"]
    rule_set.priority = version.document["priority"]
    rule_set.save(update_fields=["name", "priority", "published_version"])


def _locked(code: str) -> RuleSet:
    rule_set = RuleSet.objects.locked(code)
    if rule_set is None:
        raise UnknownRuleSet(f"There is no rule set {code}.")
    return rule_set


def _next_number(rule_set: RuleSet) -> int:
    latest = rule_set.versions.order_by("-number").values_list("number", flat=True).first()
    return (latest or 0) + 1


def _audit(action: str, version: RuleSetVersion, **changes: Any) -> None:
    record_audit(action, subject=f"rule_set:{version.rule_set.code}", changes={"version": version.number, **changes})
