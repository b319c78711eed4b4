"""A manager stands for a blind return by typing a PIN on somebody else's tablet. Five tries, then it is locked."""

from __future__ import annotations

import itertools
import re

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.audit import record_audit
from oms.core.errors import Invalid
from oms.core.models import User
from returns.errors import PinLocked, WeakPin, WrongPin
from returns.models import ManagerPin
from returns.models.pins import MOST_TRIES

_DIGITS = re.compile(r"[0-9]{6,12}")


@transaction.atomic
def set_pin(*, user: User, pin: str) -> None:
    """The user's own PIN: 6 to 12 digits, not all the same and not counted up or down. It opens a locked one."""
    if not _DIGITS.fullmatch(pin) or _is_guessed_first(pin):
        raise WeakPin(errors={"pin": [gettext_noop("6 to 12 digits that are not guessed first.")]})
    ManagerPin.objects.update_or_create(
        user=user, defaults={"pin_hash": make_password(pin), "failed_tries": 0, "changed_at": clock.now()}
    )
    record_audit("manager_pin.set", subject=f"user:{user.pk}")


def _is_guessed_first(pin: str) -> bool:
    steps = {int(after) - int(before) for before, after in itertools.pairwise(pin)}
    return steps in ({0}, {1}, {-1})


def approve_by_pin(*, manager: User, pin: str) -> str:
    """Whose word it is, as returns keep it. Raises `WrongPin` with the tries left, or `PinLocked`.

    A wrong try is counted for good before this refuses.
    """
    tries_left = _try(manager, pin)
    if tries_left is None:
        return manager.actor
    if tries_left > 0:
        raise WrongPin(data={"tries_left": tries_left})
    raise PinLocked


@transaction.atomic
def _try(manager: User, pin: str) -> int | None:
    """None where the PIN is right; else how many tries are left. One at a time."""
    kept = ManagerPin.objects.select_for_update().filter(user=manager).first()
    if kept is None:
        raise Invalid(errors={"manager": [gettext_noop("This manager has not set a PIN.")]})
    if kept.failed_tries >= MOST_TRIES:
        return 0
    if check_password(pin, kept.pin_hash):
        if kept.failed_tries:
            ManagerPin.objects.filter(pk=kept.pk).update(failed_tries=0)
        return None
    ManagerPin.objects.filter(pk=kept.pk).update(failed_tries=kept.failed_tries + 1)
    record_audit("manager_pin.mistyped", subject=f"user:{manager.pk}", changes={"tries": kept.failed_tries + 1})
    return MOST_TRIES - kept.failed_tries - 1
