"""What happens between reading a file, comparing it and writing it is neither lost nor counted twice."""

from contextlib import ExitStack
from types import ModuleType
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from stock.feeds import applying, comparing
from stock.feeds.figures import Figures
from stock.models import StockImport, StockLevel, StockPoint, Variant
from stock.services import import_writing
from stock.services.consuming import consume_reservations
from stock.services.import_running import ImportRun
from stock.services.import_writing import ImportWriter
from stock.services.reserving import reserve_stock
from tests.stock.feeds.feeding import HOUR, feed, file_of, make_network, on_hand, queue, run
from tests.stock.making import NOON, figures, ledger, make_channel, make_point, make_variant, receive, want
from tests.support.concurrently import Elsewhere, at_once
from tests.support.holding import assert_invariants_hold
from tests.support.waiting import wait_until

LATER = NOON + 2 * HOUR


def make_stock() -> tuple[Variant, StockPoint]:
    (a, *_), (paris, _) = make_network()
    feed(file_of("A,paris,5", "B,paris,5"))
    return a, paris


def stepping(text: str, **fields: object) -> ImportRun:
    """An import that has compared the file with the levels and written nothing yet."""
    run = ImportRun(queue(text, as_of=LATER, **fields).pk, lambda _: None)
    assert run.advance()
    return run


def end(run: ImportRun) -> StockImport:
    while run.advance():
        pass
    return run._fresh()


@pytest.mark.django_db
@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("kind", ["delta", "snapshot"])
@pytest.mark.parametrize("told", [5, 8], ids=["unchanged", "changed"])
class TestAMovement:
    def test_from_before_the_figure_that_comes_after_the_comparison_is_part_of_the_figure(
        self, kind: str, told: int
    ) -> None:
        a, paris = make_stock()
        stepped = stepping(file_of(f"A,paris,{told}"), kind=kind)
        receive(a, paris, -1, kind="sale", occurred_at=LATER - HOUR)
        assert end(stepped).state == "applied"
        assert on_hand("A", "paris") == told
        assert_invariants_hold()

    def test_from_before_the_figure_that_comes_once_writing_has_begun_is_absorbed(self, kind: str, told: int) -> None:
        a, paris = make_stock()
        stepped = stepping(file_of(f"A,paris,{told}"), kind=kind)
        assert stepped.advance()
        receive(a, paris, -1, kind="sale", occurred_at=LATER - HOUR)
        assert end(stepped).state == "applied"
        assert on_hand("A", "paris") == told
        assert ("absorbed", 1) in ledger(a, paris) or told == 8
        assert_invariants_hold()

    def test_from_after_the_figure_counts_whenever_it_comes(self, kind: str, told: int) -> None:
        a, paris = make_stock()
        stepped = stepping(file_of(f"A,paris,{told}"), kind=kind)
        receive(a, paris, -1, kind="sale", occurred_at=LATER + HOUR)
        assert stepped.advance()
        receive(a, paris, -1, kind="sale", occurred_at=LATER + HOUR)
        assert end(stepped).state == "applied"
        assert on_hand("A", "paris") == told - 2
        assert_invariants_hold()


@pytest.mark.django_db
@pytest.mark.parametrize("hours", [-1, 1], ids=["before the figure", "after it"])
def test_a_level_that_somebody_else_creates_meanwhile_is_corrected_like_any_other(hours: int) -> None:
    a, _ = make_stock()
    lyon = StockPoint.objects.get(code="lyon")
    stepped = stepping(file_of("A,lyon,7"))
    receive(a, lyon, 2, occurred_at=LATER + hours * HOUR)
    assert end(stepped).applied == 1
    assert on_hand("A", "lyon") == (9 if hours > 0 else 7)
    assert_invariants_hold()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moved", [0, -1], ids=["the first since the figure", "one of several"])
def test_a_shipment_the_import_had_to_wait_for_is_counted(moved: int) -> None:
    """The level is not where it was read any more: it is passed over, and looked at again under its lock."""
    a, paris = make_stock()
    if moved:
        receive(a, paris, moved, kind="sale", occurred_at=LATER + HOUR)
    wants = [want(a, paris, 1)]
    reserved = reserve_stock(owner="order:1", channel_id=make_channel().pk, wants=wants)
    waiting = queue(file_of("A,paris,9"), as_of=LATER)
    with ExitStack() as stack, transaction.atomic():
        consume_reservations(items=[(reserved[0], 1)], kind="shipment", reference="parcel:1")
        stack.enter_context(Elsewhere(lambda: run(waiting)))
        wait_until(_somebody_waits_for_a_level, 20)
    assert figures(a, paris) == (8 + moved, 0, 0)
    assert_invariants_hold()


@pytest.mark.django_db(transaction=True)
def test_a_sale_another_source_has_counted_already_is_counted_in_an_older_figure() -> None:
    """It changes nothing of what the level says, and is in the ledger before the import is let through."""
    a, paris = make_stock()
    feed(file_of("A,paris,4"), as_of=LATER, source="wms")
    begun = ImportRun(queue(file_of("A,paris,9"), as_of=NOON + HOUR / 2).pk, lambda _: None)
    assert begun.advance()
    assert begun.advance()
    with ExitStack() as stack, transaction.atomic():
        receive(a, paris, -3, kind="sale", occurred_at=NOON + HOUR)
        stack.enter_context(Elsewhere(lambda: end(begun)))
        wait_until(_somebody_waits_for_a_level, 20)
    assert on_hand("A", "paris") == 6
    assert_invariants_hold()


@pytest.mark.django_db
@pytest.mark.parametrize("asks", [True, False], ids=["", "the control, which does not ask whether there is more"])
@pytest.mark.parametrize("step", [comparing, applying], ids=["compared", "looked at again"])
def test_the_first_movement_after_the_figure_that_comes_just_before_the_level_is_read(
    monkeypatch: pytest.MonkeyPatch, step: ModuleType, asks: bool
) -> None:
    a, paris = make_stock()
    sales = iter([-1])

    class LookedForTooEarly(Figures):
        def __init__(self, stock_import: StockImport) -> None:
            super().__init__(stock_import)
            self.nothing_else = self.nothing_else if asks else "true"
            for sold in sales:
                receive(a, paris, sold, kind="sale", occurred_at=LATER + HOUR)

    if step is comparing:
        monkeypatch.setattr(step, "Figures", LookedForTooEarly)
    stepped = stepping(file_of("A,paris,9"))
    if step is applying:
        # Whoever has written the level since makes the import look at it again.
        reserve_stock(owner="order:1", channel_id=make_channel().pk, wants=[want(a, paris, 1)])
        monkeypatch.setattr(step, "Figures", LookedForTooEarly)
    assert end(stepped).applied == 1
    assert on_hand("A", "paris") == (8 if asks else 9)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("looks", [True, False], ids=["", "the control, which looks at the quantity only"])
def test_a_level_that_holds_as_many_again_is_not_as_it_was_compared(
    monkeypatch: pytest.MonkeyPatch, looks: bool
) -> None:
    """One was sold, and another source has said 5 since: the sale is still one that came after our figure."""
    a, paris = make_stock()
    if not looks:
        monkeypatch.setattr(applying, "_IS_AS_COMPARED", "s.on_hand = c.before")
    stepped = stepping(file_of("A,paris,9"))
    receive(a, paris, -1, kind="sale", occurred_at=LATER + HOUR)
    feed(file_of("A,paris,5"), as_of=LATER + 2 * HOUR, source="wms")
    assert on_hand("A", "paris") == 5
    assert end(stepped).applied == 1
    assert on_hand("A", "paris") == (8 if looks else 9)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("leaves", [True, False], ids=["", "the control, which takes nothing off its list"])
def test_what_is_written_is_not_undone_when_the_rest_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch, leaves: bool
) -> None:
    """A is written, B has been overtaken; before B's turn another source tells of A."""
    a, paris = make_stock()
    if not leaves:
        monkeypatch.setattr(
            applying, "_done", lambda levels: f"CASE WHEN (SELECT count(*) FROM written) < {levels} THEN '{{}}' END"
        )
    stepped = stepping(file_of("A,paris,9", "B,paris,9"))
    receive(Variant.objects.get(sku="B"), paris, -1, kind="sale", occurred_at=LATER + HOUR)
    assert stepped.advance()
    written = next(ImportWriter(stepped._fresh()).steps())
    assert (written.applied, on_hand("A", "paris"), on_hand("B", "paris")) == (1, 9, 4)
    feed(file_of("A,paris,7"), as_of=LATER + 2 * HOUR, source="wms")
    if not leaves:
        with pytest.raises(IntegrityError, match="stock_movement_once_per_reference"):
            end(stepped)
        return
    done = end(stepped)
    assert (done.state, done.applied) == ("applied", 2)
    assert (on_hand("A", "paris"), on_hand("B", "paris")) == (7, 8)
    assert ledger(a, paris) == [("feed", 5), ("feed", 4), ("feed", -2)]
    assert_invariants_hold()


@pytest.mark.django_db
def test_what_a_file_does_not_list_is_not_closed_once_another_source_tells_of_it() -> None:
    make_stock()
    stepped = stepping(file_of("A,paris,9"), kind="snapshot")
    feed(file_of("B,paris,7"), as_of=LATER + HOUR, source="wms")
    done = end(stepped)
    assert (done.state, done.applied, done.closed) == ("applied", 1, 0)
    assert (on_hand("A", "paris"), on_hand("B", "paris")) == (9, 7)


@pytest.mark.django_db
@pytest.mark.parametrize(("dense_for_s", "taken"), [(60, [5, 1, 2, 2, 2, 2, 2, 2, 2]), (0, [5, 1, 6, 6, 2])])
def test_steps_are_smaller_while_others_write_the_same_levels(
    settings: Any, monkeypatch: pytest.MonkeyPatch, dense_for_s: float, taken: list[int]
) -> None:
    """They would wait for a large one; once nobody else has been met for a while they are large again."""
    settings.STOCK_IMPORT_CHUNK_LEVELS = 6
    monkeypatch.setattr(import_writing, "DENSE_FOR_S", dense_for_s)
    skus = [f"S{number:02d}" for number in range(20)]
    paris, variants = make_point("paris"), [make_variant(sku) for sku in skus]
    feed(file_of(*(f"{sku},paris,5" for sku in skus)))
    stepped = stepping(file_of(*(f"{sku},paris,9" for sku in skus)))
    receive(variants[0], paris, -1, kind="sale", occurred_at=LATER + HOUR)
    assert stepped.advance()
    steps = [found.applied for found in ImportWriter(stepped._fresh()).steps()]
    assert [after - before for before, after in zip([0, *steps], steps, strict=False)] == taken
    assert end(stepped).applied == 20


@pytest.mark.django_db
def test_a_level_counted_at_the_very_moment_of_the_file_is_written() -> None:
    """Its moment and its source are the file's own before the file has written it."""
    a, _ = make_stock()
    stepped = stepping(file_of("A,paris,9", "B,paris,9"))
    StockLevel.objects.filter(variant=a).update(as_of=LATER)
    done = end(stepped)
    assert (done.applied, on_hand("A", "paris"), on_hand("B", "paris")) == (2, 9, 9)


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_run_one_import_write_it_once() -> None:
    a, paris = make_stock()
    waiting = queue(file_of("A,paris,9"), as_of=LATER)
    assert not [found for found in at_once([lambda: run(waiting)] * 4) if isinstance(found, BaseException)]
    wait_until(lambda: run(waiting).state == "applied", 20)
    assert ledger(a, paris) == [("feed", 5), ("feed", 4)]


@pytest.mark.django_db(transaction=True)
def test_imports_and_movements_of_the_same_levels_at_once_agree_in_the_end() -> None:
    a, paris = make_stock()
    files = [queue(file_of(f"A,paris,{n}", f"B,paris,{n}"), as_of=NOON + n * HOUR, source=f"s{n}") for n in (1, 2, 3)]
    sales = [lambda n=n: receive(a, paris, -1, kind="sale", occurred_at=NOON + n * HOUR) for n in (1, 2, 3, 4)]
    outcomes = at_once([*(lambda file=file: run(file) for file in files), *sales])
    assert not [found for found in outcomes if isinstance(found, BaseException)]
    assert {StockImport.objects.get(pk=file.pk).state for file in files} == {"applied"}
    assert StockLevel.objects.count() == 2
    assert_invariants_hold()


def _somebody_waits_for_a_level() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple'))"
        )
        (waits,) = cursor.fetchone()
    return bool(waits)
