from typing import Any

from django.core.management.base import BaseCommand

from oms.core.services.role_sync import sync_roles


class Command(BaseCommand):
    help = "Make the groups of the roles say exactly what the code says; run after migrate."

    def handle(self, *args: Any, **options: Any) -> None:
        for role, permissions in sync_roles().items():
            self.stdout.write(f"{role}: {permissions} permissions")
