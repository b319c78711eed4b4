"""A large import is written in lanes side by side, each level once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connections, transaction

from oms.core import side_by_side
from stock.feeds import comparing
from stock.feeds.applying import Written
from stock.feeds.tables import StagingTables
from stock.models import ImportLane, StockImport, StockLevel, StockMovement, StockPoint
from stock.services import import_writing
from stock.services.import_running import ImportRun, resume_imports
from stock.services.import_writing import ImportWriter
from tests.stock.feeds.feeding import HOUR, feed, file_of, queue, run
from tests.stock.making import NOON, make_point, make_variant, receive
from tests.support.concurrently import Elsewhere
from tests.support.holding import assert_invariants_hold
from tests.support.waiting import wait_until

SKUS = [f"S{number:02d}" for number in range(40)]
LATER = NOON + 2 * HOUR
STEPS = 8
Note = Callable[[StockImport, Written], StockImport]

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture(autouse=True)
def two_short_lanes(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of twenty levels each, written five at a time."""
    settings.STOCK_IMPORT_LANES = 2
    settings.STOCK_IMPORT_CHUNK_LEVELS = 10
    monkeypatch.setattr(import_writing, "LEVELS_PER_LANE", 20)
    monkeypatch.setattr(comparing, "SAMPLED_PER_CENT", 100)


@pytest.fixture
def levels() -> list[StockLevel]:
    """Forty of 1, in the order of their ids."""
    make_point("paris")
    for sku in SKUS:
        make_variant(sku)
    feed(file_of(*(f"{sku},paris,1" for sku in SKUS)))
    return list(StockLevel.objects.order_by("pk").select_related("variant"))


def to_five() -> StockImport:
    return queue(file_of(*(f"{sku},paris,5" for sku in SKUS)), as_of=LATER)


def begun() -> ImportRun:
    """An import that has compared its file and laid its lanes, and written nothing."""
    run = ImportRun(to_five().pk, lambda _: None)
    assert run.advance()
    assert run.advance()
    return run


def assert_applied_once(stock_import: StockImport) -> None:
    done = StockImport.objects.get(pk=stock_import.pk)
    assert (done.state, done.applied, done.progress) == ("applied", 40, 100)
    assert StockLevel.objects.filter(on_hand=5).count() == 40
    booked = StockMovement.objects.filter(reference=done.reference)
    assert list(booked.values_list("quantity", flat=True)) == [4] * 40
    assert not ImportLane.objects.exists()
    assert not StagingTables(done.pk).exist()
    assert_invariants_hold()


@contextmanager
def noting(monkeypatch: pytest.MonkeyPatch, first: Callable[[], None]) -> Any:
    """Within it every step does `first`, once its levels are written and before it is committed."""
    note: Note = import_writing._note

    def do_first(stock_import: StockImport, written: Written) -> StockImport:
        first()
        return note(stock_import, written)

    with monkeypatch.context() as patch:
        patch.setattr(import_writing, "_note", do_first)
        yield


def test_lanes_share_the_levels_and_are_gone_in_the_end(levels: list[StockLevel]) -> None:
    stepped = begun()
    bounds = [(lane.after_level, lane.cursor, lane.last_level) for lane in ImportLane.objects.order_by("after_level")]
    middle = levels[19].pk
    assert bounds == [(0, 0, middle), (middle, middle, ImportLane.LAST_OF_ALL)]
    seen = [found.applied for found in ImportWriter(stepped._fresh()).steps()]
    assert sorted(seen) == [5 * step for step in range(1, STEPS + 1)]
    assert_applied_once(run(stepped._import))


@pytest.mark.parametrize("lanes", [2, 1], ids=["", "the control, with one lane"])
def test_they_are_written_at_the_same_moment(
    levels: list[StockLevel], settings: Any, monkeypatch: pytest.MonkeyPatch, lanes: int
) -> None:
    settings.STOCK_IMPORT_LANES = lanes
    stock_import = to_five()
    meeting = threading.Barrier(2)
    with ExitStack() as stack:
        stack.enter_context(noting(monkeypatch, lambda: bool(meeting.wait(10 if lanes == 2 else 1))))
        if lanes == 1:
            stack.enter_context(pytest.raises(threading.BrokenBarrierError))
        run(stock_import)
    if lanes == 2:
        assert_applied_once(stock_import)


@pytest.mark.parametrize("takes_turns", [True, False], ids=["", "the control, which takes no turns"])
def test_where_others_write_the_same_levels_they_take_turns(
    levels: list[StockLevel], monkeypatch: pytest.MonkeyPatch, takes_turns: bool
) -> None:
    """Both lanes meet a sale in their first step; how many are then within a step at once."""
    if not takes_turns:
        monkeypatch.setattr(import_writing._Traffic, "is_dense", False)
    monkeypatch.setattr(import_writing, "TURN_WAITED_FOR_S", 30)
    paris = StockPoint.objects.get()
    stepped = begun()
    for level in (*levels[:20:5], *levels[20::5]):
        receive(level.variant, paris, -1, kind="sale", occurred_at=LATER + HOUR)
    first, meeting, met = threading.Barrier(2), threading.Barrier(2), []
    steps = threading.local()

    def meet() -> None:
        steps.taken = getattr(steps, "taken", 0) + 1
        if steps.taken == 1:
            first.wait(10)
        elif steps.taken == 2 and not meeting.broken:
            try:
                meeting.wait(0.5 if takes_turns else 10)
                met.append(True)
            except threading.BrokenBarrierError:
                pass

    with noting(monkeypatch, meet):
        done = run(stepped._import)
    assert (done.state, done.applied) == ("applied", 40)
    assert bool(met) is not takes_turns
    assert_invariants_hold()


def test_a_lane_that_has_to_wait_does_not_keep_the_other_waiting(levels: list[StockLevel]) -> None:
    stepped = begun()
    with ExitStack() as stack, transaction.atomic():
        StockLevel.objects.select_for_update().get(pk=levels[0].pk)
        stack.enter_context(Elsewhere(lambda: run(stepped._import)))
        wait_until(lambda: StockLevel.objects.filter(pk__in=[it.pk for it in levels[20:]], on_hand=5).count() == 20, 20)
        assert not StockLevel.objects.filter(pk__in=[it.pk for it in levels[:20]], on_hand=5).exists()
    assert_applied_once(stepped._import)


def test_an_import_that_is_interrupted_does_not_wait_for_a_lane_that_does(levels: list[StockLevel]) -> None:
    stepped = begun()
    steps = ImportWriter(stepped._fresh()).steps()
    with transaction.atomic(), ThreadPoolExecutor(1) as elsewhere:
        StockLevel.objects.select_for_update().get(pk=levels[0].pk)
        # The thread has a transaction of its own, as the process of the import has.
        elsewhere.submit(lambda: (next(steps), steps.close(), connections.close_all())).result(20)
        assert not StockLevel.objects.filter(pk__in=[it.pk for it in levels[:20]], on_hand=5).exists()
    assert run(stepped._import).state == "applied"
    assert_applied_once(stepped._import)


def kill_one_lane(stock_import: StockImport, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its second step; the other is in its second until the first is known to be dead."""
    steps, dies, second = threading.local(), threading.Lock(), threading.Barrier(2)
    is_known, stop = threading.Event(), side_by_side._Threads.stop

    def die() -> None:
        steps.taken = getattr(steps, "taken", 0) + 1
        if steps.taken == 2:
            second.wait(10)
            if dies.acquire(blocking=False):
                raise Killed
            is_known.wait(10)

    def stop_and_tell(self: Any) -> None:
        threading.Timer(0.2, is_known.set).start()
        stop(self)

    monkeypatch.setattr(side_by_side._Threads, "stop", stop_and_tell)
    with noting(monkeypatch, die), pytest.raises(Killed):
        run(stock_import)


def test_a_lane_that_fails_stops_the_other_and_the_import_goes_on_where_each_was(
    levels: list[StockLevel], monkeypatch: pytest.MonkeyPatch
) -> None:
    stock_import = to_five()
    kill_one_lane(stock_import, monkeypatch)
    stopped = StockImport.objects.get(pk=stock_import.pk)
    assert (stopped.state, stopped.applied) == ("applying", 15)
    assert StockLevel.objects.filter(on_hand=5).count() == stopped.applied
    assert resume_imports() == 1
    assert_applied_once(stock_import)


def test_without_lanes_nothing_is_called_written(levels: list[StockLevel]) -> None:
    stepped = begun()
    ImportLane.objects.all().delete()
    run(stepped._import)
    assert_applied_once(stepped._import)


@pytest.mark.parametrize("crashes", [1, 2])
def test_after_a_crash_of_the_database_no_lane_undoes_what_another_source_has_told_since(
    levels: list[StockLevel], crashes: int
) -> None:
    """One level of each lane, which was only adopted: nothing but the lanes' cursors tells that it was done."""
    adopted = [levels[0], levels[20]]
    StockLevel.objects.filter(pk__in=[level.pk for level in adopted]).update(source=None, on_hand=5)
    stepped = begun()
    for lane in ImportLane.objects.all():
        assert import_writing.LaneWriter(stepped._fresh(), lane, import_writing._Traffic(lanes=2))._write_some()
    cursors = ImportLane.objects.order_by("after_level").values_list("cursor", flat=True)
    assert list(cursors) == [levels[4].pk, levels[24].pk]
    feed(file_of(*(f"{level.variant.sku},paris,7" for level in adopted)), as_of=LATER + HOUR, source="wms")
    for _ in range(crashes - 1):
        StagingTables(stepped._import.pk).drop()
        killed_at_once(stepped._import)
    StagingTables(stepped._import.pk).drop()
    assert run(stepped._import).state == "applied"
    assert set(StockLevel.objects.filter(on_hand=7)) == set(adopted)
    assert StockLevel.objects.filter(on_hand=5).count() == 38


def killed_at_once(stock_import: StockImport) -> None:
    """Compared anew, with its lanes laid, and nothing more written."""

    def die(*_: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(import_writing, "_note", die)
        run(stock_import)


def test_one_lane_written_by_two_never_goes_back(levels: list[StockLevel]) -> None:
    """The first meets a sale; before it looks again somebody else has written the lane on."""
    paris = StockPoint.objects.get()
    stepped = begun()
    receive(levels[0].variant, paris, -1, kind="sale", occurred_at=LATER + HOUR)
    lane = ImportLane.objects.order_by("after_level")[0]
    first, second = (
        import_writing.LaneWriter(stepped._fresh(), lane, import_writing._Traffic(lanes=2)) for _ in range(2)
    )
    assert first._write_some()
    while second._write_some():
        lane.refresh_from_db()
        if lane.cursor >= levels[14].pk:
            break
    feed(file_of(f"{levels[12].variant.sku},paris,7"), as_of=LATER + HOUR, source="wms")
    while first._write_some():
        pass
    lane.refresh_from_db()
    assert lane.cursor == levels[19].pk
    assert run(stepped._import).state == "applied"
    assert [StockLevel.objects.get(pk=levels[at].pk).on_hand for at in (0, 1, 12)] == [4, 5, 7]
    assert_invariants_hold()


class TestInDenseTraffic:
    @pytest.fixture
    def dense(self, monkeypatch: pytest.MonkeyPatch) -> import_writing._Traffic:
        traffic = import_writing._Traffic(lanes=2)
        monkeypatch.setattr(import_writing, "DENSE_FOR_S", 60)
        traffic.others_were_met()
        return traffic

    def test_turns_are_taken_one_after_the_other_as_they_came(self, dense: import_writing._Traffic) -> None:
        taken: list[int] = []
        both = threading.Barrier(2)

        def take(lane: int) -> Iterator[int]:
            both.wait(10)
            for _ in range(20):
                with dense.turn():
                    taken.append(lane)
                    wait_until(lambda: len(dense._waiting) == 2 or len(taken) > 30, 10)
                yield lane

        list(side_by_side.side_by_side([take(0), take(1)]))
        assert taken[:30] in ([0, 1] * 15, [1, 0] * 15)

    def test_nobody_waits_for_long_for_one_that_is_held_up(
        self, dense: import_writing._Traffic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_writing, "TURN_WAITED_FOR_S", 0.05)
        may_end, taken = threading.Event(), []

        def is_held_up() -> Iterator[int]:
            with dense.turn():
                may_end.wait(10)
            yield 0

        def takes_three() -> Iterator[int]:
            wait_until(lambda: len(dense._waiting) == 1, 10)
            for _ in range(3):
                with dense.turn():
                    taken.append(may_end.is_set())
            may_end.set()
            yield 1

        list(side_by_side.side_by_side([is_held_up(), takes_three()]))
        assert taken == [False] * 3
        assert not dense._waiting

    def test_it_ends_once_nobody_has_been_met_for_a_while(
        self, dense: import_writing._Traffic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = import_writing.monotonic()
        for later, is_dense in ((59, True), (61, False)):
            monkeypatch.setattr(import_writing, "monotonic", lambda later=later: now + later)
            assert dense.is_dense is is_dense
