"""The product's addresses, and beside them a view that answers a constant."""

from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from oms import urls


class ConstantView(APIView):
    """What any answer costs: the key is looked up, the body parsed, the answer rendered."""

    required_scopes = "stock:read"

    def get(self, request: Request) -> Response:
        return Response({"lines": len(request.query_params.getlist("sku"))})

    def post(self, request: Request) -> Response:
        body: dict[str, Any] = request.data  # type: ignore[assignment]
        return Response({"lines": len(body["lines"])})


handler404, handler500 = urls.handler404, urls.handler500
urlpatterns = [path("api/v1/constant/", ConstantView.as_view()), *urls.urlpatterns]
