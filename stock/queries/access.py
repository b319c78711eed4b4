"""Who may see which stock points and channels: the setting ACCESS_RESOLVER."""

from oms.core.access import EVERYTHING, NOTHING, Access
from oms.core.models import ApiClient, User
from oms.core.prepared import prepared
from stock.models import ChannelMember, StockPointMember

# Of a row of core_apiclient, in JSON; with null for what the key sees all of, and null for a key that is not bound. The
# setting CLIENT_BINDING: read together with the key, on the way of every call.
BINDING = """
SELECT json_build_array(
    CASE WHEN NOT sees_all_stock_points
         THEN ARRAY(SELECT stockpoint_id FROM stock_clientaccess_stock_points WHERE clientaccess_id = a.id) END,
    CASE WHEN NOT sees_all_channels
         THEN ARRAY(SELECT saleschannel_id FROM stock_clientaccess_channels WHERE clientaccess_id = a.id) END)
FROM stock_clientaccess a WHERE a.client_id = core_apiclient.id
"""

# Roles that look after the whole network; the others see only what they are members of.
NETWORK_ROLES = frozenset({"head_office", "merchandiser", "customer_service"})


def access_of(principal: User | ApiClient) -> Access:
    """A client sees what its key is bound to, everything when it is not bound.

    A person who is a member of stock points or channels sees these; who is a member of nothing sees
    everything in a role for the whole network, and nothing otherwise.
    """
    if isinstance(principal, ApiClient):
        return _access_of_client(principal)
    if principal.is_superuser:
        return EVERYTHING
    return _access_of_user(principal)


def _access_of_client(client: ApiClient) -> Access:
    if hasattr(client, "binding"):
        binding = client.binding
    else:
        [[binding]] = prepared(f"SELECT ({BINDING}) FROM core_apiclient WHERE id = %s::bigint", [client.pk])  # noqa: S608
    if binding is None:
        return EVERYTHING
    points, channels = binding
    return Access(
        stock_points=None if points is None else frozenset(points),
        channels=None if channels is None else frozenset(channels),
    )


def _access_of_user(user: User) -> Access:
    points = frozenset(StockPointMember.objects.filter(user=user).values_list("stock_point_id", flat=True))
    channels = frozenset(ChannelMember.objects.filter(user=user).values_list("channel_id", flat=True))
    if points or channels:
        return Access(stock_points=points or None, channels=channels or None)
    works_for_the_network = user.groups.filter(name__in=NETWORK_ROLES).exists()
    return EVERYTHING if works_for_the_network else NOTHING
