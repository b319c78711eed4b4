"""What the kernel's commands print."""

import re
from io import StringIO

import pytest
from django.core.management import call_command

from oms.core.models import WebhookSecret

pytestmark = pytest.mark.django_db


def test_a_webhook_secret_is_printed_alone_on_the_last_line():
    out = StringIO()
    call_command("create_webhook_secret", "carrier:house", stdout=out)
    last = out.getvalue().splitlines()[-1]
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", last)
    assert WebhookSecret.objects.get(name="carrier:house").secret == last
