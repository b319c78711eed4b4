"""Every refusal as RFC 9457 problem details, with a stable `code`."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, OperationalError
from django.http import Http404
from psycopg.errors import NumericValueOutOfRange
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response

from oms.core.errors import BodyTooLarge, Forbidden, Invalid, NotFound, OmsError, Retryable
from oms.core.retrying import is_conflict

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_S = 1

logger = structlog.get_logger(__name__)

_CODES: dict[type[exceptions.APIException], str] = {
    exceptions.ParseError: "malformed",
    exceptions.AuthenticationFailed: "unauthenticated",
    exceptions.NotAuthenticated: "unauthenticated",
    exceptions.PermissionDenied: "forbidden",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "throttled",
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Mapping[str, Any] | Sequence[Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of a problem. Its type is a name, not an address; what it means is the code's documentation."""
    body: dict[str, Any] = {
        "type": f"urn:halles:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors is not None:
        body["errors"] = errors
    if data is not None:
        body["data"] = data
    return body


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's handler. None lets an unforeseen error through, to be logged and answered as a 500."""
    if isinstance(error, exceptions.ValidationError):
        return _answer(problem(422, "invalid", first_sentence(error.detail), errors=_by_name(error.detail)))
    if isinstance(error, exceptions.APIException):
        return _answer(problem(error.status_code, _code_of(error), str(error.detail)), _headers_of(error))
    refusal = _as_refusal(error, is_safe=context["request"].method in SAFE_METHODS)
    if refusal is None:
        return None
    body = problem(refusal.status, refusal.code, refusal.detail, errors=refusal.errors, data=refusal.data)
    return _answer(body, _headers_of_refusal(refusal))


def first_sentence(detail: Any, path: str = "") -> str:
    """The first message of DRF's nested errors, with where it stands: `lines.0.sku: This field is required.`"""
    if isinstance(detail, Mapping) and detail:
        name, nested = next(iter(detail.items()))
        return first_sentence(nested, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
    if isinstance(detail, list) and detail:
        if isinstance(detail[0], str):
            return first_sentence(detail[0], path)
        index = next((place for place, nested in enumerate(detail) if nested), 0)
        return first_sentence(detail[index], f"{path}.{index}".lstrip("."))
    return f"{path}: {detail}" if path else str(detail)


def _by_name(detail: Any) -> Any:
    """DRF's errors with the places of rows as names, as JSON wants them."""
    if isinstance(detail, Mapping):
        return {str(name): _by_name(nested) for name, nested in detail.items()}
    return [_by_name(nested) for nested in detail] if isinstance(detail, list) else str(detail)


def _as_refusal(error: Exception, *, is_safe: bool) -> OmsError | None:
    if isinstance(error, OmsError):
        return error
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, PermissionDenied):
        return Forbidden()
    if isinstance(error, RequestDataTooBig):
        return BodyTooLarge()
    if not is_safe and isinstance(error, DataError) and isinstance(error.__cause__, NumericValueOutOfRange):
        # Also a sum of numbers that can each be kept. What is only read was kept by us.
        logger.warning("request.too_large_a_number", exc_info=error)
        return Invalid("A number is larger than can be kept.")
    if isinstance(error, OperationalError) and is_conflict(error):
        logger.warning("request.conflict", error=str(error))
        return Retryable()
    return None


def _code_of(error: exceptions.APIException) -> str:
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), "refused")


def _headers_of(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def _headers_of_refusal(refusal: OmsError) -> dict[str, str]:
    if refusal.status == 401:
        return {"WWW-Authenticate": "Standard-Webhooks"}
    if refusal.status in {429, 503}:
        return {"Retry-After": str((refusal.data or {}).get("retry_after", RETRY_AFTER_S))}
    return {}


def _answer(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(body, status=body["status"], headers=headers or {}, content_type=CONTENT_TYPE)
