"""What every request passes through: its id in the logs, who acts, and what a browser may load."""

import re
import uuid
from collections.abc import Callable
from urllib.parse import unquote

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found

from oms.core import actors
from oms.core.errors import TooManyAttempts
from oms.core.remembering import remembering

GetResponse = Callable[[HttpRequest], HttpResponse]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

_OWN_FILES_ONLY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# No inline script or style, no evaluation.
CONTENT_SECURITY_POLICY = _OWN_FILES_ONLY
# The admin's theme runs Alpine, which evaluates the expressions of its attributes, and htmx adds a style.
ADMIN_CONTENT_SECURITY_POLICY = f"{_OWN_FILES_ONLY}; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'"
# The API's documentation writes styles of its own.
DOCUMENTATION_CONTENT_SECURITY_POLICY = f"{_OWN_FILES_ONLY}; style-src 'self' 'unsafe-inline'"
POLICY_HEADER = "Content-Security-Policy"


class RequestContextMiddleware:
    """Give the request an id, or keep a well-formed one it brought; every log line of the request carries it.

    What is read once for a request is remembered as long.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id), remembering():
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class NotFoundMiddleware:
    """What a view does not find is told to people in people's words, on the machine of a demonstration too: there
    Django would show its own page, with the addresses there are."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return page_not_found(request, exception) if isinstance(exception, Http404) else None


class ReadableAddressMiddleware:
    """An address with a NUL in it names nothing: the database has no text that holds one. The API says so itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = request.path + unquote(request.META.get("QUERY_STRING", ""))
        if "\0" in address and not request.path.startswith("/api/"):
            return HttpResponseBadRequest("The address may not contain the character NUL.", content_type="text/plain")
        return self.get_response(request)


class ContentSecurityPolicyMiddleware:
    """A strict policy on every answer that does not bring its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(POLICY_HEADER, _policy_for(request))
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        return response


def _policy_for(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is not None and match.app_name == "admin":
        return ADMIN_CONTENT_SECURITY_POLICY
    if match is not None and match.url_name == "api-docs":
        return DOCUMENTATION_CONTENT_SECURITY_POLICY
    return CONTENT_SECURITY_POLICY


class LanguageMiddleware:
    """Programs are answered in English; a person in the language chosen here, else in that of their profile.

    Whoever is not signed in keeps what Django found in the browser's wishes.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = self._language_for(request)
        if language is not None:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
        return self.get_response(request)

    def _language_for(self, request: HttpRequest) -> str | None:
        if request.path.startswith("/api/"):
            return "en"
        if settings.LANGUAGE_COOKIE_NAME in request.COOKIES or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        return getattr(request.user, "language", None)


class ActorMiddleware:
    """The signed-in user acts. The API's authentication names its client; the request's end forgets both."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def signed_in() -> str:
            # Asked only when something is recorded: most requests never need the session.
            return getattr(request.user, "actor", None) or "anonymous"

        with actors.acting_as(signed_in):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, TooManyAttempts):
            return None
        response = HttpResponse(_("Too many attempts. Try again in a few minutes."), status=error.status)
        response["Content-Type"] = "text/plain; charset=utf-8"
        response["Retry-After"] = str((error.data or {}).get("retry_after", 60))
        return response
