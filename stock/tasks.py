"""What happens by the clock."""

from celery import shared_task

from oms.core.tasking import event_task
from stock.services.allotting import turn_allotments as _turn_allotments
from stock.services.catalogue_importing import run_catalogue_import as _run_catalogue_import
from stock.services.combining import forget_requests
from stock.services.compacting import compact_changes as _compact_changes
from stock.services.import_running import resume_imports, run_import
from stock.services.import_tidying import prune_imports
from stock.services.importing import retry_quarantined
from stock.services.protecting import PATIENCE_S, apply_pending_protection
from stock.services.protection_previewing import count_preview, forget_previews
from stock.services.reconciling import reconcile_nightly
from stock.services.releasing import expire_reservations as _expire_reservations
from stock.services.replenishing import replenish_nightly
from stock.services.resuming import resume_stock_points as _resume_stock_points
from stock.services.setting_aside import give_expired_back as _give_expired_back
from stock.services.summarising import forget_another_database
from stock.services.summarising import summarise_availability as _summarise_availability


@shared_task
def apply_protection() -> None:
    """Rules that start or end, and levels whose protection is to be worked out again."""
    apply_pending_protection(patience_s=PATIENCE_S)


@shared_task
def turn_allotments() -> None:
    _turn_allotments()


@shared_task
def expire_reservations() -> None:
    _expire_reservations()
    forget_requests()


@shared_task
def give_expired_back() -> None:
    """Units set aside until a moment that has come."""
    _give_expired_back()


@shared_task
def resume_stock_points() -> None:
    _resume_stock_points()


@shared_task
def reconcile_stock() -> None:
    """Once a night, whatever ticks; a missed night is made up for by the next tick."""
    reconcile_nightly()


@shared_task
def replenish_stock() -> None:
    """Once a night, as the reconciliation."""
    replenish_nightly()


@shared_task
def compact_changes() -> None:
    _compact_changes()
    forget_another_database()


@shared_task
def summarise_availability() -> None:
    _summarise_availability()


# Leased, not atomic: an import commits step by step. One that outlives its lease keeps other
# workers away by its own lock, and one whose worker died is found by `resume_stock_imports`.
@event_task(queue="imports", atomic=False, batch=1)
def run_stock_import(import_id: int) -> None:
    run_import(import_id=import_id)


@event_task(queue="imports", atomic=False, batch=1)
def run_catalogue_import(import_id: int) -> None:
    _run_catalogue_import(import_id=import_id)


# Longer than the whole network takes: a preview whose worker died is asked for again by its person.
@event_task(queue="imports", atomic=False, batch=1, lease_s=600)
def count_protection_preview(preview_id: int) -> None:
    count_preview(preview_id=preview_id)


@shared_task
def resume_stock_imports() -> None:
    resume_imports()


@shared_task
def tidy_stock_imports() -> None:
    """What was in quarantine and is known by now; files and history that are too old, previews too."""
    retry_quarantined()
    prune_imports()
    forget_previews()
