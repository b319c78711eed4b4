"""Calling the API as another program does."""

from collections.abc import Sequence
from typing import Any

import orjson
from django.test import Client

from oms.core.models.clients import Scope
from oms.core.services.clients import create_client
from stock.services.binding import bind_client


class Caller:
    """One API key; answers are `(status, body)`."""

    def __init__(
        self,
        name: str = "erp",
        *,
        scopes: Sequence[str] = tuple(Scope.values),
        channels: Sequence[str] = (),
        stock_points: Sequence[str] = (),
    ) -> None:
        client, key = create_client(name=name, scopes=scopes)
        bind_client(client=client, channels=channels, stock_points=stock_points)
        self._headers = {"Authorization": f"Bearer {key}"}
        self._http = Client()

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        return self._answer(self._http.get(_address(path), query, headers=self._headers))

    def put(self, path: str, body: Any) -> tuple[int, Any]:
        return self._answer(
            self._http.put(_address(path), orjson.dumps(body), "application/json", headers=self._headers)
        )

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        return self._answer(
            self._http.post(
                _address(path), orjson.dumps(body), "application/json", headers={**self._headers, **headers}
            )
        )

    def delete(self, path: str) -> tuple[int, Any]:
        return self._answer(self._http.delete(_address(path), headers=self._headers))

    def list(self, path: str, **query: Any) -> list[dict[str, Any]]:
        status, body = self.get(path, **query)
        assert status == 200, body
        return body["results"]

    @staticmethod
    def _answer(response: Any) -> tuple[int, Any]:
        return response.status_code, orjson.loads(response.content) if response.content else None


def _address(path: str) -> str:
    return path if path.startswith("http") else f"/api/v1{path}"
