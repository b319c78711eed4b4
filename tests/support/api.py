"""Calling the API as another program."""

from typing import Any

from rest_framework.test import APIClient

from oms.core.models import ApiClient
from oms.core.models.clients import Scope
from oms.core.services.clients import create_client


def make_client(name: str = "web-shop", scopes: list[str] | None = None) -> tuple[ApiClient, str]:
    """A client with these scopes, all of them by default, and its key."""
    return create_client(name=name, scopes=Scope.values if scopes is None else scopes)


def calling(key: str, **headers: Any) -> APIClient:
    """A test client that sends the key with every request."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}", **headers)
    return client
