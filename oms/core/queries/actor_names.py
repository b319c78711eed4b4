"""Who acted, as people read it."""

from collections.abc import Iterable

from oms.core.models import User

PRODUCT = "Halles"


def named_actors(actors: Iterable[str]) -> dict[str, str]:
    """By actor: people by their own names, programs as they are called; the product's own doings by its name. One
    query."""
    kinds = {actor: actor.partition(":") for actor in actors}
    ids = {name for kind, _, name in kinds.values() if kind == "user" and name.isdigit()}
    users = {str(user.pk): user.get_full_name() or user.get_username() for user in User.objects.filter(pk__in=ids)}
    return {
        actor: PRODUCT if kind in ("system", "task") else users.get(name, name) if kind == "user" else name or kind
        for actor, (kind, _, name) in kinds.items()
    }
