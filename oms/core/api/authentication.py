"""`Authorization: Bearer <key>`."""

import hmac
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from oms.core import actors
from oms.core.models import ApiClient
from oms.core.prepared import prepared_cursor
from oms.core.services.clients import hash_of_key, prefix_of_key

USE_RECORDED_EVERY_S = 60
_COLUMNS = [field.attname for field in ApiClient._meta.concrete_fields]


@cache
def _client_sql(binding: str) -> str:
    """Written by hand, because it is on the way of every call: composing it took longer than running it. What the
    key is bound to comes with it, as `settings.CLIENT_BINDING` reads it: most calls ask for that next."""
    is_stale = "coalesce(last_used_at < statement_timestamp() - make_interval(secs => %(seconds)s), true)"
    return f"""
SELECT {", ".join(_COLUMNS)}, ({import_string(binding)}), {is_stale}
FROM core_apiclient WHERE key_prefix = %(prefix)s::text AND is_active
"""  # noqa: S608 (the model's own columns)


class BearerAuthentication(BaseAuthentication):
    """`request.user` becomes the key's client, who then is the one who acts."""

    def authenticate(self, request: Request) -> tuple[ApiClient, str] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise AuthenticationFailed(_("The Authorization header must be: Bearer <key>."))
        client = client_with_key(parts[1].decode("latin-1"))
        if client is None:
            raise AuthenticationFailed(_("This key is not known, or not active."))
        _record_use(client)
        actors.become(client.actor)
        return client, client.key_prefix

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def client_with_key(key: str) -> ApiClient | None:
    """The active client whose key this is. Found by the key's public part, proven in constant time."""
    with prepared_cursor() as cursor:
        cursor.execute(
            _client_sql(settings.CLIENT_BINDING), {"prefix": prefix_of_key(key), "seconds": USE_RECORDED_EVERY_S}
        )
        row = cursor.fetchone()
    client = ApiClient.from_db(connection.alias, _COLUMNS, row[:-2]) if row else None
    known = client.key_hash if client else hash_of_key("")
    is_right = hmac.compare_digest(known, hash_of_key(key))
    if client is None or not is_right:
        return None
    client.binding, client.use_is_stale = row[-2:]  # type: ignore[attr-defined]
    return client


def _record_use(client: ApiClient) -> None:
    """At most one write a minute, however busy the client."""
    if getattr(client, "use_is_stale", True):
        ApiClient.objects.filter(pk=client.pk).update(last_used_at=Now())


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
