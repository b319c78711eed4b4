from typing import Any

from django.core.management.base import BaseCommand

from oms.core.models import User
from oms.demo.people import PASSWORD, PEOPLE, PIN, Person


class Command(BaseCommand):
    help = "Print the demo's logins, where the demo has been seeded."

    def handle(self, *args: Any, **options: Any) -> None:
        present = set(User.objects.filter(username__in=[person.username for person in PEOPLE]).values_list("username"))
        if len(present) != len(PEOPLE):
            return
        self.stdout.write(f"Everybody's password: {PASSWORD}")
        self.stdout.write(f"Every store manager's PIN, asked for where goods come back without a receipt: {PIN}")
        in_stores = [person for person in PEOPLE if person.stock_points]
        others = [person for person in PEOPLE if not person.stock_points]
        self._write("/admin/", "customer service, merchandising, head office", others)
        self._write("/store/", "the stores' own screens, on a tablet or a phone", in_stores)

    def _write(self, address: str, title: str, people: list[Person]) -> None:
        self.stdout.write(f"  {address:<9} {title}")
        for person in people:
            self.stdout.write(f"    {person.username:<15} {person.title}")
