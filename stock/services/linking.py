"""Many-to-many links of many objects at once."""

from collections.abc import Mapping, Sequence

from django.db.models import Model


def replace_links(through: type[Model], owner: str, other: str, wanted: Mapping[int, Sequence[int]]) -> set[int]:
    """Give each owner exactly the links it should have; the owners for which that changed anything."""
    links = through._default_manager.filter(**{f"{owner}__in": list(wanted)})
    present = {(a, b): pk for pk, a, b in links.values_list("pk", owner, other)}
    asked = {(a, b) for a, linked in wanted.items() for b in linked}
    gone = [pk for pair, pk in present.items() if pair not in asked]
    added = sorted(asked - present.keys())
    if gone:
        through._default_manager.filter(pk__in=gone).delete()
    if added:
        through._default_manager.bulk_create([through(**{owner: a, other: b}) for a, b in added], ignore_conflicts=True)
    return {a for a, _ in added} | {a for (a, b) in present if (a, b) not in asked}
