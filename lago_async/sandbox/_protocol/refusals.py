"""The refusals of the API, each with the exact status and body the server sends."""

from http import HTTPStatus
from typing import TypeAlias

from lago_async.sandbox._protocol.wire import Json, JsonObject

Details: TypeAlias = dict[str, list[str]]


NOT_SIMULATED = "not_simulated_by_the_sandbox"
"""The code for what the server can do and the sandbox refuses to pretend."""


class RefusalError(Exception):
    """Raised by a handler to answer with an error body instead of a result."""

    def __init__(self, status: int, body: JsonObject) -> None:
        super().__init__(f"{status} {body.get('code', body.get('error'))}")
        self.status = status
        self.body = body


def _refusal(status: HTTPStatus, error: str, **rest: Json) -> RefusalError:
    return RefusalError(status, {"status": int(status), "error": error, **rest})


def missing_envelope(root: str) -> RefusalError:
    """The request lacks its envelope, or the envelope is empty or no object."""
    return _refusal(HTTPStatus.BAD_REQUEST, f"BadRequest: param is missing or the value is empty or invalid: {root}")


def malformed_json() -> RefusalError:
    """The body is not JSON."""
    return _refusal(HTTPStatus.BAD_REQUEST, "Bad Request")


def bad_request(code: str) -> RefusalError:
    """A parameter of the wrong shape; the code takes the place of the sentence."""
    return _refusal(HTTPStatus.BAD_REQUEST, code)


def unauthorized() -> RefusalError:
    """No API key, or not the sandbox's."""
    return _refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized")


def forbidden(code: str, **rest: Json) -> RefusalError:
    """A premium feature, or one that is switched off."""
    return _refusal(HTTPStatus.FORBIDDEN, "Forbidden", code=code, **rest)


def not_found(resource: str) -> RefusalError:
    """``{resource}_not_found``."""
    return _refusal(HTTPStatus.NOT_FOUND, "Not Found", code=f"{resource}_not_found")


def not_allowed(code: str) -> RefusalError:
    """A business rule says no; never an answer to a wrong verb."""
    return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed", code=code)


def too_large() -> RefusalError:
    """The body is longer than the sandbox takes."""
    return _refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Payload Too Large")


def invalid(details: Json) -> RefusalError:
    """A 422 with ``error_details``, whose shape differs from rule to rule."""
    return _refusal(
        HTTPStatus.UNPROCESSABLE_ENTITY, "Unprocessable Entity", code="validation_errors", error_details=details
    )


def invalid_field(field: str, code: str) -> RefusalError:
    """A 422 about one field."""
    return invalid({field: [code]})


def crashed() -> RefusalError:
    """What the server says where it fails itself; some odd parameters make it do so."""
    return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")


def not_simulated() -> RefusalError:
    """Return the refusal of an operation that is in the endpoint table, but has no handler here."""
    return _refusal(HTTPStatus.NOT_IMPLEMENTED, "Not Implemented", code=NOT_SIMULATED)


class FieldErrors:
    """Collects the validation errors of one record, which the server answers all at once."""

    def __init__(self) -> None:
        self._details: Details = {}

    def add(self, field: str, code: str) -> None:
        """Note one error."""
        self._details.setdefault(field, []).append(code)

    def refuse(self) -> None:
        """Raise what was noted, fields in alphabetical order; nothing if there was nothing."""
        if self._details:
            raise invalid({field: list[Json](codes) for field, codes in sorted(self._details.items())})
