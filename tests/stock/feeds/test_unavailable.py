"""A file may also tell how many of the units cannot be sold."""

import pytest

from oms.core.clock import set_clock
from stock.models import Unavailability
from stock.services.moving import mark_unavailable
from tests.stock.feeds.feeding import HOUR, counters, feed, file_of, make_network, rejects
from tests.stock.making import NOON, figures, level_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_way")]
WITH_UNAVAILABLE = "sku,stock_point,quantity,unavailable"


def with_unavailable(*rows: str) -> str:
    return file_of(*rows, header=WITH_UNAVAILABLE)


def test_is_set_and_told_why() -> None:
    (a, b, _), (paris, lyon) = make_network()
    done = feed(with_unavailable("A,paris,5,2", "B,lyon,0,1"))
    assert counters(done)["applied"] == 2
    assert (figures(a, paris), figures(b, lyon)) == ((5, 0, 2), (0, 0, 1))
    told = Unavailability.objects.filter(level=level_of(a, paris))
    assert list(told.values_list("quantity", "reason", "reference")) == [(2, "other", f"import:{done.pk}")]


def test_changes_alone_and_the_same_again_changes_nothing() -> None:
    (a, *_), (paris, _) = make_network()
    feed(with_unavailable("A,paris,5,2"))
    assert counters(feed(with_unavailable("A,paris,5,1"), as_of=NOON + HOUR))["applied"] == 1
    assert figures(a, paris) == (5, 0, 1)
    assert counters(feed(with_unavailable("A,paris,5,1"), as_of=NOON + 2 * HOUR))["unchanged"] == 1
    assert rejects(feed(with_unavailable("A,paris,5,3"), as_of=NOON)) == [(2, "older")]


@pytest.mark.parametrize("text", [file_of("A,paris,6"), with_unavailable("A,paris,6,")])
def test_stays_where_the_file_does_not_tell_it(text: str) -> None:
    (a, *_), (paris, _) = make_network()
    feed(with_unavailable("A,paris,5,2"))
    feed(text, as_of=NOON + HOUR)
    assert figures(a, paris) == (6, 0, 2)


def test_keeps_what_was_found_unsellable_after_the_figure_was_taken() -> None:
    (a, *_), (paris, _) = make_network()
    feed(with_unavailable("A,paris,5,2"))
    with set_clock(NOON + 2 * HOUR):
        mark_unavailable(
            variant_id=a.pk, stock_point_id=paris.pk, quantity=1, reason="damaged", reference="fulfilment:1"
        )
    assert counters(feed(with_unavailable("A,paris,5,2"), as_of=NOON + HOUR))["unchanged"] == 1
    assert figures(a, paris) == (5, 0, 3)
    feed(with_unavailable("A,paris,5,2"), as_of=NOON + 3 * HOUR)
    assert figures(a, paris) == (5, 0, 2)


@pytest.mark.parametrize("told", ["-1", "many", "1.5", "99999999999"])
def test_that_is_no_whole_number_is_rejected(told: str) -> None:
    make_network()
    done = feed(with_unavailable(f"A,paris,5,{told}", "B,paris,1,0"))
    assert counters(done) == {"rows": 2, "applied": 1, "unchanged": 0, "rejected": 1, "quarantined": 0}
