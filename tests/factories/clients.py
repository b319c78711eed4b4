"""Other programs: keys of the API, and peers that sign what they send."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.test import Client
from standardwebhooks.webhooks import Webhook

from oms.core.models.clients import Scope
from oms.core.services.clients import create_client, create_webhook_secret
from stock.models import ClientAccess, SalesChannel, StockPoint

PREFIX = "/api/v1"
EVERY_SCOPE = tuple(Scope.values)
_serial = itertools.count(1)


@dataclass
class Api:
    """What another program sees: one key, paths below /api/v1."""

    key: str | None
    http: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def call(
        self, method: str, path: str, body: Any = None, *, content_type: str = "application/json", **headers: str
    ) -> Any:
        """Django's test response. `headers` are named in Python's spelling: `idempotency_key`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key is not None:
            given["Authorization"] = f"Bearer {self.key}"
        content = body if isinstance(body, bytes | str) else json.dumps(body) if body is not None else ""
        return self.http.generic(method, PREFIX + path, content, content_type=content_type, headers=given)

    def get(self, path: str, **parameters: Any) -> Any:
        given = {"Authorization": f"Bearer {self.key}"} if self.key is not None else {}
        return self.http.get(PREFIX + path, parameters, headers=given)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self.call("PUT", path, body, **headers)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)

    def put_rows(self, path: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """A bulk PUT of which no row may be refused."""
        return without_errors(self.put(path, list(rows)))

    def post_rows(self, path: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return without_errors(self.post(path, list(rows)))


def without_errors(response: Any) -> dict[str, Any]:
    assert response.status_code == 200, response.content
    result: dict[str, Any] = response.json()
    assert result["errors"] == []
    return result


def api_client(
    *scopes: str,
    stock_points: Sequence[StockPoint] | None = None,
    channels: Sequence[SalesChannel] | None = None,
) -> Api:
    """A key with these scopes, all of them by default, bound to what is given; None binds to nothing."""
    client, key = create_client(name=f"client-{next(_serial)}", scopes=scopes or EVERY_SCOPE)
    if stock_points is not None or channels is not None:
        access = ClientAccess.objects.create(
            client=client, sees_all_stock_points=stock_points is None, sees_all_channels=channels is None
        )
        access.stock_points.set(stock_points or [])
        access.channels.set(channels or [])
    return Api(key)


@dataclass
class Peer:
    """A peer that signs its messages as Standard Webhooks says, with the secret of its name."""

    name: str
    secret: str
    http: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def post(self, path: str, body: Any, *, message_id: str | None = None, at: datetime | None = None) -> Any:
        content = json.dumps(body)
        message = message_id or f"msg-{next(_serial)}"
        sent_at = at or datetime.now(UTC)
        headers = {
            "webhook-id": message,
            "webhook-timestamp": str(int(sent_at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(message, sent_at, content),
        }
        return self.http.generic("POST", PREFIX + path, content, content_type="application/json", headers=headers)


def signing_peer(name: str) -> Peer:
    return Peer(name, create_webhook_secret(name=name))
