"""Why a whole file is refused: nothing of it is applied."""

from django.utils.translation import gettext_noop

from oms.core.errors import OmsError


class FileRefused(OmsError):
    """The file is not what it was declared to be. `line_number` is where that shows; the header is line 1."""

    code = "file_refused"
    status = 422
    default_detail = gettext_noop("The file cannot be read.")

    def __init__(self, code: str, detail: str, *, line_number: int | None = None) -> None:
        super().__init__(detail, data={"line_number": line_number})
        self.code = code
        self.line_number = line_number


class BasisConflict(OmsError):
    """A source says once whether its figures are physical or net of reservations."""

    code = "basis_conflict"
    status = 409
    default_detail = gettext_noop("The source has told another basis before.")
