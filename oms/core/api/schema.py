"""The served OpenAPI document: what every operation has in common is written once, here."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from oms.core.api.bulk import BulkPutView, BulkView
from oms.core.api.idempotency import HEADER, IdempotentMixin
from oms.core.api.problems import CONTENT_TYPE
from oms.core.api.serializers import BulkResultSerializer, ProblemSerializer
from oms.core.api.views import SignedView

_ALWAYS = {400: "The request cannot be read.", 404: "No such object, or another's.", 406: "Not acceptable."}
_WITH_KEY = {401: "No valid key, or a bad signature.", 403: "The key lacks the scope."}
_WITH_BODY = {
    409: "The state does not allow it, or there is too little of something.",
    413: "The body, or its number of rows, is too large.",
    415: "The body's media type is not supported.",
    422: "The data is not valid.",
}


class ProblemAutoSchema(AutoSchema):
    """Adds problem details, the idempotency key and the forms of bulk requests to every operation."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None or not self._is_ours():
            return operation
        reference = self.resolve_serializer(ProblemSerializer, "response").ref
        for status, description in self._problems().items():
            operation["responses"].setdefault(
                str(status), {"description": description, "content": {CONTENT_TYPE: {"schema": reference}}}
            )
        return operation

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        if self.method == "POST" and isinstance(self.view, IdempotentMixin):
            parameters.append(
                OpenApiParameter(
                    HEADER,
                    str,
                    OpenApiParameter.HEADER,
                    description="Chosen by the client: the same key and body get the recorded answer.",
                )
            )
        return parameters

    def get_request_serializer(self) -> Any:
        if isinstance(self.view, BulkView) and self._is_bulk():
            return self.view.row_serializer(many=True)
        return super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        if isinstance(self.view, BulkView) and self._is_bulk():
            return {200: BulkResultSerializer}
        return super().get_response_serializers()

    def _is_bulk(self) -> bool:
        return self.method == ("PUT" if isinstance(self.view, BulkPutView) else "POST")

    def _is_ours(self) -> bool:
        return not type(self.view).__module__.startswith("drf_spectacular")

    def _problems(self) -> dict[int, str]:
        problems = dict(_ALWAYS)
        if self.view.authentication_classes or isinstance(self.view, SignedView):
            problems |= _WITH_KEY
        if self.method == "GET":
            return {**problems, 422: _WITH_BODY[422]}
        return problems | _WITH_BODY
