"""Tasks that hear the tests' events and note what they heard in audit entries: real rows, rolled back with them."""

from collections.abc import Callable, Mapping, Sequence

from oms.core.audit import record_audit
from oms.core.errors import Retryable
from oms.core.events import emit
from oms.core.models import AuditEntry
from oms.core.tasking import event_task

# What a test wants to happen inside the next task.
inside: list[Callable[[], None]] = []


def _note(thing: int) -> None:
    record_audit("thing.heard", subject=f"thing:{thing}")
    if inside:
        inside.pop(0)()


@event_task(queue="sourcing")
def hear(thing: int) -> None:
    _note(thing)


@event_task(queue="labels", atomic=False, lease_s=30)
def hear_leased(thing: int) -> None:
    _note(thing)


@event_task()
def choke(thing: int) -> None:
    record_audit("thing.heard", subject=f"thing:{thing}")
    raise ValueError(f"cannot swallow {thing}")


@event_task()
def wait_for_peer(thing: int) -> None:
    raise Retryable("the peer is down")


@event_task()
def pass_on(thing: int) -> None:
    _note(thing)
    if thing:
        emit("thing.counted_down", thing=thing - 1)


def heard() -> list[int]:
    """The things heard, in order, the effects that were rolled back left out."""
    subjects = AuditEntry.objects.filter(action="thing.heard").order_by("id").values_list("subject", flat=True)
    return [int(subject.removeprefix("thing:")) for subject in subjects]


def subscribe(settings: object, **events: list[str]) -> None:
    """`subscribe(settings, made=["hear"])`: the event `thing.made` is heard by `hear` alone."""
    settings.SUBSCRIPTIONS = {  # type: ignore[attr-defined]
        f"thing.{event}": [f"{__name__}.{task}" for task in tasks] for event, tasks in events.items()
    }


def _hear_all(payloads: Sequence[Mapping[str, int]]) -> None:
    """A message's things at once; not where one of them is thirteen."""
    things = [payload["thing"] for payload in payloads]
    _note(things[0] * 100)
    if 13 in things:
        raise ValueError("13 is heard alone")
    for thing in things[1:]:
        _note(thing * 100)


@event_task(queue="sourcing", atomic=False, lease_s=30, together=_hear_all)
def hear_together(thing: int) -> None:
    if thing == 13:
        raise ValueError("cannot swallow 13")
    _note(thing)
