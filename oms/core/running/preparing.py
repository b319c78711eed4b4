"""What must be true of the database before the programs start.

A process of its own: the supervisor stays small and never loads Django. Progress goes to standard
error; standard output holds the demo's logins and nothing else. The one argument is the path of a
file that exists for as long as the demo is being made: found later, it tells of an interruption.
"""

import os
import sys
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oms.settings")

    import django

    django.setup()
    prepare(unfinished=Path(sys.argv[1]))


def prepare(*, unfinished: Path) -> None:
    """Migrate, fill an empty database with the demo, collect static files where they are served."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.core.management import call_command, get_commands

    known = get_commands()
    call_command("migrate", interactive=False, verbosity=1, stdout=sys.stderr)
    if "sync_roles" in known:
        call_command("sync_roles", stdout=sys.stderr)
    # Never in production: everybody knows the demo's passwords.
    if settings.DEBUG and "seed_demo" in known and not get_user_model().objects.exists():
        unfinished.touch()
        call_command("seed_demo", stdout=sys.stderr)
        unfinished.unlink()
    if settings.DEBUG:
        # Served from where they are; the folder must exist all the same.
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    else:
        call_command("collectstatic", interactive=False, verbosity=1, stdout=sys.stderr)
    if settings.DEBUG and "demo_logins" in known:
        call_command("demo_logins", stdout=sys.stdout)


if __name__ == "__main__":
    main()
