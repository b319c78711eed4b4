"""Counting what a rule would take from sale where that is too much to wait for: asked for, counted, kept for a day."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from django.core.files import File
from django.db import transaction

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.events import emit
from stock.models import ProtectionPreview, ProtectionRule
from stock.queries.protection_preview import HiddenStock, count_hidden, hidden_lines

KEPT_FOR: Final = timedelta(days=1)
_COLUMNS: Final = (
    "id",
    "code",
    "quantity",
    "percent",
    "stock_point_id",
    "group_id",
    "kind",
    "variant_id",
    "product_id",
    "category",
    "channel_id",
    "starts_at",
    "ends_at",
)


@transaction.atomic
def ask_preview(*, rule: ProtectionRule, with_file: bool = False) -> ProtectionPreview:
    """Have a rule, saved or not, counted by a task; `with_file`: and every level it touches written out."""
    preview = ProtectionPreview.objects.create(
        code=rule.code, rule=rule_as_told(rule), is_file_wanted=with_file, asked_by=current_actor()
    )
    emit("protection_preview.asked", preview_id=preview.pk)
    return preview


@transaction.atomic
def ask_file(*, preview: ProtectionPreview) -> None:
    """Have every level the counted rule touches written out. Asked again, nothing is done twice."""
    is_new = ProtectionPreview.objects.filter(pk=preview.pk, is_file_wanted=False).update(
        is_file_wanted=True, asked_at=clock.now()
    )
    if is_new:
        emit("protection_preview.asked", preview_id=preview.pk)


def count_preview(*, preview_id: int) -> None:
    """Do what is asked for and not done yet. Two workers at once do the same twice, which harms nothing."""
    preview = ProtectionPreview.objects.filter(pk=preview_id).first()
    if preview is None:
        return
    if preview.counted_at is None:
        _count(preview)
    if preview.is_file_wanted and not preview.file:
        _write_file(preview)


def _count(preview: ProtectionPreview) -> None:
    row = ProtectionPreview.objects.filter(pk=preview.pk)

    def watch(percent: int) -> None:
        row.update(progress=min(percent, 99))

    found = count_hidden(rule=rule_of(preview), at=clock.now(), watch=watch)
    row.update(found=asdict(found), progress=100, counted_at=clock.now())


def _write_file(preview: ProtectionPreview) -> None:
    """To the disk and then to the storage, as it is read: the memory stays small whatever its length."""
    with tempfile.TemporaryFile("w+b") as written:
        for line in hidden_lines(rule=rule_of(preview), at=clock.now()):
            written.write(line.encode())
        written.seek(0)
        preview.file.save(f"protection-preview-{preview.pk}.csv", File(written), save=False)
    ProtectionPreview.objects.filter(pk=preview.pk).update(file=preview.file.name)


def rule_as_told(rule: ProtectionRule) -> dict[str, Any]:
    """Its columns, fit for JSON: equal for equal rules."""
    return {name: _plain(getattr(rule, name)) for name in _COLUMNS}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, str)) else _text(value)


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else f"{value:.2f}"


def rule_of(preview: ProtectionPreview) -> ProtectionRule:
    """The rule as it was told, not saved."""
    fields = {field.attname: field for field in ProtectionRule._meta.concrete_fields}
    return ProtectionRule(**{name: fields[name].to_python(preview.rule[name]) for name in _COLUMNS})


def found_by(preview: ProtectionPreview) -> HiddenStock | None:
    if preview.found is None:
        return None
    bars = [(str(label), int(skus)) for label, skus in preview.found["histogram"]]
    return HiddenStock(**{**preview.found, "histogram": bars})


def forget_previews() -> int:
    """Those older than `KEPT_FOR`, with their files; how many."""
    old = ProtectionPreview.objects.filter(asked_at__lt=clock.now() - KEPT_FOR)
    for preview in old.exclude(file="").iterator():
        preview.file.delete(save=False)
    forgotten, _ = old.delete()
    return forgotten
