"""Keys of other programs, and the secrets they sign with."""

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence

from django.db import transaction

from oms.core.audit import record_audit
from oms.core.errors import Invalid
from oms.core.models import ApiClient, WebhookSecret
from oms.core.models.clients import Scope

KEY_BYTES = 32
_PREFIX = re.compile(r"(halles_[0-9a-f]{8})_")


def hash_of_key(key: str) -> str:
    """A plain hash is enough: a key is 256 random bits, there is nothing to guess."""
    return hashlib.sha256(key.encode()).hexdigest()


def prefix_of_key(key: str) -> str:
    """The public part of a key, by which it is found; empty when it is not the form of a key."""
    found = _PREFIX.match(key)
    return found[1] if found else ""


def new_key() -> str:
    return f"halles_{secrets.token_hex(4)}_{secrets.token_urlsafe(KEY_BYTES)}"


@transaction.atomic
def create_client(*, name: str, scopes: Sequence[str]) -> tuple[ApiClient, str]:
    """A new client and its key, which is nowhere kept in clear."""
    wanted = _known(scopes)
    if ApiClient.objects.filter(name=name).exists():
        raise Invalid(f"There already is a client named {name}.")
    key = new_key()
    client = ApiClient.objects.create(
        name=name, key_prefix=prefix_of_key(key), key_hash=hash_of_key(key), scopes=wanted
    )
    record_audit("api_client.created", subject=client.actor, changes={"scopes": client.scopes})
    return client, key


@transaction.atomic
def change_client(*, client: ApiClient, scopes: Sequence[str], is_active: bool) -> None:
    """Give the client exactly these scopes; an inactive one is refused from its next request on."""
    client.scopes, client.is_active = _known(scopes), is_active
    client.save(update_fields=["scopes", "is_active"])
    record_audit("api_client.changed", subject=client.actor, changes={"scopes": client.scopes, "is_active": is_active})


@transaction.atomic
def renew_key(*, client: ApiClient) -> str:
    """A new key; the old one stops working at once."""
    key = new_key()
    client.key_prefix, client.key_hash = prefix_of_key(key), hash_of_key(key)
    client.save(update_fields=["key_prefix", "key_hash"])
    record_audit("api_client.key_renewed", subject=client.actor)
    return key


@transaction.atomic
def create_webhook_secret(*, name: str) -> str:
    """A new signing secret under that name, in the Standard Webhooks form; it replaces the one before."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    WebhookSecret.objects.update_or_create(name=name, defaults={"secret": secret})
    record_audit("webhook_secret.created", subject=f"webhook_secret:{name}")
    return secret


def _known(scopes: Sequence[str]) -> list[str]:
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown:
        raise Invalid(f"Unknown scope: {', '.join(unknown)}.", data={"scopes": list(Scope.values)})
    return sorted(set(scopes))
