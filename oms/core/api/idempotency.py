"""`Idempotency-Key`: the same request twice has one effect and one answer."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.errors import Invalid
from oms.core.models import ApiClient, IdempotencyRecord
from oms.core.services import idempotency

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
MAX_KEY_LENGTH = 255


class _RecordedAnswer(Exception):
    def __init__(self, record: IdempotencyRecord) -> None:
        self.record = record


class IdempotentMixin:
    """Put before `ApiView`: its POST accepts the header.

    The key is leased after authentication and before the handler; the answer is recorded once it is
    rendered. A server error is not recorded, so the client may try again with the same key.
    """

    request: Request
    _lease: idempotency.Lease | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.headers.get(HEADER)
        if key is None or request.method != "POST" or not isinstance(request.user, ApiClient):
            return
        if not 0 < len(key) <= MAX_KEY_LENGTH:
            raise Invalid(f"An idempotency key has 1 to {MAX_KEY_LENGTH} characters.")
        claimed = idempotency.claim_key(client=request.user, key=key, request_hash=_hash_of(request))
        if isinstance(claimed, IdempotencyRecord):
            raise _RecordedAnswer(claimed)
        self._lease = claimed

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, _RecordedAnswer):
            return _replayed(error.record)
        try:
            return super().handle_exception(error)  # type: ignore[misc, no-any-return]
        except Exception:
            self._release()
            raise

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        final: Response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if self._lease is not None:
            final.add_post_render_callback(self._record)
        return final

    def _record(self, response: Response) -> None:
        lease, self._lease = self._lease, None
        if lease is None:
            return
        if not idempotency.is_final(response.status_code):
            idempotency.release_key(lease=lease)
            return
        idempotency.record_answer(
            lease=lease,
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            body=bytes(response.content),
        )

    def _release(self) -> None:
        lease, self._lease = self._lease, None
        if lease is not None:
            idempotency.release_key(lease=lease)


def _hash_of(request: Request) -> str:
    """What makes two requests the same: method, address, fields and the content of files."""
    address = f"{request.method} {request.get_full_path()}"
    data = request.data
    if not hasattr(data, "lists"):
        return idempotency.hash_of_request(address, data)
    fields = {name: [value for value in values if isinstance(value, str)] for name, values in data.lists()}
    files = [(name, file) for name, found in request.FILES.lists() for file in found]
    return idempotency.hash_of_request(address, fields, files=files)


def _replayed(record: IdempotencyRecord) -> Response:
    """The recorded answer, byte for byte."""
    response = _Recorded(bytes(record.body or b""), status=record.status)
    response["Content-Type"] = record.content_type
    response[REPLAYED] = "true"
    return response


class _Recorded(Response):
    """An answer that is already rendered."""

    @property
    def rendered_content(self) -> bytes:  # type: ignore[override]
        return bytes(self.data)
