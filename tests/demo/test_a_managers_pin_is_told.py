from io import StringIO

import pytest
from django.core.management import call_command

from oms.core.models import User
from oms.demo.people import PEOPLE, PIN, create_people
from returns.services.approving import approve_by_pin

pytestmark = pytest.mark.django_db


def test_with_the_logins_and_it_opens_what_it_should() -> None:
    create_people()
    told = StringIO()
    call_command("demo_logins", stdout=told)
    assert PIN in told.getvalue()
    for manager in User.objects.filter(username__in=[each.username for each in PEOPLE if each.role == "store_manager"]):
        assert approve_by_pin(manager=manager, pin=PIN) == manager.actor
