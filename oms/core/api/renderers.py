"""JSON out, by orjson."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

from oms.core.encoding import to_json


class JsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else to_json(data)
