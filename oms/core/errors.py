"""Errors carry a stable code, the data a caller needs and one sentence; one handler speaks HTTP.

An app's own errors subclass `OmsError` in its `errors.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def gettext_noop(message: str) -> str:
    """Marks it to be translated. Django's own needs the settings, and carriers are bought from without them."""
    return message


class OmsError(Exception):
    """A refusal a caller can understand. `status` is its HTTP status, `code` never changes once published."""

    code = "refused"
    status = 400
    default_detail = gettext_noop("The request was refused.")

    def __init__(
        self,
        detail: str = "",
        *,
        data: Mapping[str, Any] | None = None,
        errors: Mapping[str, Any] | Sequence[Any] | None = None,
    ) -> None:
        self.detail = str(detail or self.default_detail)
        self.data = data
        self.errors = errors
        super().__init__(self.detail)

    def sentences(self) -> list[str]:
        """What it says, each thing once: of every field where it names fields, the whole where not."""
        return list(dict.fromkeys(_leaves(self.errors))) or [self.detail]


def _leaves(errors: Any) -> Iterator[str]:
    if isinstance(errors, Mapping):
        for value in errors.values():
            yield from _leaves(value)
    elif isinstance(errors, list | tuple):
        for value in errors:
            yield from _leaves(value)
    elif errors:
        yield str(errors)


class Invalid(OmsError):
    code = "invalid"
    status = 422
    default_detail = gettext_noop("The data is not valid.")


class Malformed(OmsError):
    code = "malformed"
    status = 400
    default_detail = gettext_noop("The request cannot be read.")


class Unauthenticated(OmsError):
    code = "unauthenticated"
    status = 401
    default_detail = gettext_noop("A valid key is required.")


class BadSignature(Unauthenticated):
    code = "bad_signature"
    default_detail = gettext_noop("The message's signature is missing, wrong or too old.")


class Forbidden(OmsError):
    code = "forbidden"
    status = 403
    default_detail = gettext_noop("This is not allowed.")


class NotFound(OmsError):
    code = "not_found"
    status = 404
    default_detail = gettext_noop("There is no such object.")


class StateConflict(OmsError):
    """A move that the object's present state does not allow; `data["state"]` is that state."""

    code = "state_conflict"
    status = 409
    default_detail = gettext_noop("The object's state does not allow this.")


class TooSlow(OmsError):
    """Nothing is wrong with the request: the database did not answer in time. The same request may be sent again."""

    code = "too_slow"
    status = 503
    default_detail = gettext_noop("The answer took too long; try again in a moment.")


class InProgress(OmsError):
    code = "in_progress"
    status = 409
    default_detail = gettext_noop("The same request is still running.")


class TooManyRows(OmsError):
    code = "too_many_rows"
    status = 413
    default_detail = gettext_noop("The request has too many rows.")


class BodyTooLarge(OmsError):
    code = "body_too_large"
    status = 413
    default_detail = gettext_noop("The request's body is too large.")


class IdempotencyKeyReused(OmsError):
    code = "idempotency_key_reused"
    status = 422
    default_detail = gettext_noop("This idempotency key was used with another request.")


class TooManyAttempts(OmsError):
    code = "too_many_attempts"
    status = 429
    default_detail = gettext_noop("Too many attempts; try again later.")


class Retryable(OmsError):
    """Nothing is wrong with the request: the same one may succeed in a moment (a lost race, a peer that is down)."""

    code = "try_again"
    status = 503
    default_detail = gettext_noop("This could not be done just now; try again.")


class ConcurrentChange(Retryable):
    """What was read before the locks were taken has changed since; the whole service must be run again."""

    default_detail = gettext_noop("Somebody else changed this at the same moment; try again.")
