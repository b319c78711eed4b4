"""`create_api_key`: the key alone on the last line, bound as asked."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from oms.core.api.authentication import client_with_key
from oms.core.models import ApiClient
from stock.queries.access import access_of
from tests.stock.making import make_channel, make_point

pytestmark = pytest.mark.django_db


def create(*arguments: str) -> str:
    out = StringIO()
    call_command("create_api_key", *arguments, stdout=out)
    return out.getvalue().splitlines()[-1]


def test_prints_a_key_that_opens_the_client_with_its_scopes():
    client = client_with_key(create("erp", "--scope", "stock:read", "--scope", "orders:read"))
    assert (client.name, client.scopes) == ("erp", ["orders:read", "stock:read"])


def test_a_key_bound_to_nothing_sees_all():
    client = client_with_key(create("erp", "--scope", "stock:read"))
    assert access_of(client).is_unlimited


def test_a_key_is_bound_to_the_channels_and_stock_points_named():
    web, paris, lyon = make_channel("web"), make_point("PARIS"), make_point("LYON")
    make_channel("market")
    make_point("LILLE")
    key = create("s", "--scope", "stock:read", "--channel", "web", "--stock-point", "PARIS", "--stock-point", "LYON")
    access = access_of(client_with_key(key))
    assert access.channels == {web.pk}
    assert access.stock_points == {paris.pk, lyon.pk}


@pytest.mark.parametrize(
    "arguments",
    [
        ("erp",),
        ("erp", "--scope", "stock:everything"),
        ("erp", "--scope", "stock:read", "--channel", "nope"),
        ("erp", "--scope", "stock:read", "--stock-point", "nope"),
    ],
)
def test_refuses_what_it_does_not_know_and_creates_nothing(arguments):
    with pytest.raises(CommandError):
        create(*arguments)
    assert not ApiClient.objects.exists()


def test_refuses_a_name_twice():
    create("erp", "--scope", "stock:read")
    with pytest.raises(CommandError, match="already"):
        create("erp", "--scope", "stock:read")
