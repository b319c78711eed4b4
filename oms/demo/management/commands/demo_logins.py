from typing import Any

from django.core.management.base import BaseCommand

from oms.core.models import User
from oms.demo.people import PASSWORD, PEOPLE


class Command(BaseCommand):
    help = "Print the demo's logins, where the demo has been seeded."

    def handle(self, *args: Any, **options: Any) -> None:
        present = set(User.objects.filter(username__in=[person.username for person in PEOPLE]).values_list("username"))
        if len(present) != len(PEOPLE):
            return
        self.stdout.write(f"Sign in at /admin/ (password of everybody: {PASSWORD})")
        for person in PEOPLE:
            self.stdout.write(f"  {person.username:<14} {person.title}")
