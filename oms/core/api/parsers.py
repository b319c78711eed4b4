"""JSON in: strict (no NaN, no duplicate-sized surprises), and never more bytes than allowed."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from oms.core.errors import BodyTooLarge


class JsonParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = body_limit((parser_context or {}).get("view"))
        body = stream.read(limit + 1)
        refuse_longer(len(body), limit)
        return parse_json(body)


def body_limit(view: Any) -> int:
    """`DATA_UPLOAD_MAX_MEMORY_SIZE`, or what the view allows by its own `max_body_bytes`."""
    limit: int = getattr(view, "max_body_bytes", None) or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return limit


def refuse_longer(length: int, limit: int) -> None:
    if length > limit:
        raise BodyTooLarge(f"The body may have {limit} bytes.", data={"max_bytes": limit})


def parse_json(body: bytes) -> Any:
    """Raises `ParseError` for anything that is not JSON in UTF-8, NaN, Infinity and NUL characters included."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON: {error}.") from error
    if b"\\u0000" in body and _has_nul(data):
        raise ParseError("A text may not contain the character NUL.")
    return data


def _has_nul(data: Any) -> bool:
    if isinstance(data, str):
        return "\0" in data
    if isinstance(data, dict):
        return any(_has_nul(name) or _has_nul(value) for name, value in data.items())
    return isinstance(data, list) and any(_has_nul(value) for value in data)
