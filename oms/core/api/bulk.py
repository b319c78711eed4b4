"""Many rows in, one `BulkResult` out: the form of every bulk PUT and of `POST /stock-movements/`."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.problems import first_sentence
from oms.core.api.views import ApiView
from oms.core.bulk import BulkResult, Row, RowError
from oms.core.errors import Invalid, TooManyRows

__all__ = ["BulkPutView", "BulkResult", "BulkView", "Row", "RowError"]


class BulkView(ApiView, ABC):  # type: ignore[misc]
    """Validates row by row: the good rows go to `upsert`, the others are answered with their index.

    `natural_key`: the field, or fields, of which no two rows of a request may have the same value;
    None where repeats are allowed.
    """

    row_serializer: ClassVar[type[serializers.Serializer]]
    natural_key: ClassVar[str | Sequence[str] | None] = None
    max_rows: ClassVar[int] = 5000
    max_body_bytes: ClassVar[int] = 32 * 1024 * 1024

    @abstractmethod
    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        """Write the valid rows; rows it must refuse are added to the result's errors."""

    def answer(self, request: Request) -> Response:
        payload = request.data
        if not isinstance(payload, list):
            raise Invalid("The body must be a list of rows.")
        if len(payload) > self.max_rows:
            raise TooManyRows(f"At most {self.max_rows} rows at once.", data={"max_rows": self.max_rows})
        rows, refused = self._validated(payload)
        result = self.upsert(rows) if rows else BulkResult()
        result.errors.extend(refused)
        return Response(result.as_dict())

    def _validated(self, payload: list[Any]) -> tuple[list[Row], list[RowError]]:
        # One serializer for all rows: building one costs more than running it.
        serializer = self.row_serializer(context={"request": self.request, "view": self})
        rows: list[Row] = []
        refused: list[RowError] = []
        seen: set[tuple[Any, ...]] = set()
        for index, given in enumerate(payload):
            try:
                data = serializer.run_validation(given)
            except serializers.ValidationError as error:
                refused.append(RowError(index, "invalid", first_sentence(error.detail)))
                continue
            key = self._key_of(data)
            if key is not None and key in seen:
                refused.append(RowError(index, "duplicate_row", "An earlier row of this request has the same key."))
                continue
            if key is not None:
                seen.add(key)
            rows.append(Row(index, data))
        return rows, refused

    def _key_of(self, data: Any) -> tuple[Any, ...] | None:
        if self.natural_key is None:
            return None
        names = [self.natural_key] if isinstance(self.natural_key, str) else self.natural_key
        return tuple(data.get(name) for name in names)


class BulkPutView(BulkView):
    """`PUT` of a list: upserts by natural key; always 200."""

    def put(self, request: Request) -> Response:
        return self.answer(request)
