"""What is answered where no view is: problem details under /api/, a plain page elsewhere."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found as page_not_found_page
from django.views.defaults import server_error as server_error_page

from oms.core.api.problems import CONTENT_TYPE, problem
from oms.core.encoding import to_json


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_api(request):
        return page_not_found_page(request, exception)
    return _problem(404, "not_found", _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    if not is_api(request):
        return server_error_page(request)
    return _problem(500, "server_error", _("Something went wrong on our side; the request may be sent again."))


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _problem(status: int, code: str, detail: str) -> HttpResponse:
    return HttpResponse(to_json(problem(status, code, detail)), status=status, content_type=CONTENT_TYPE)
