"""The refusals of the API, each with the status and the body that the server sends."""

from http import HTTPStatus
from typing import TypeAlias

from lago_async.sandbox._protocol.wire import Json, JsonObject

Details: TypeAlias = dict[str, list[str]]
NOT_SIMULATED = "not_simulated_by_the_sandbox"
"""The code of refusals for features of the server that the sandbox does not simulate."""


class RefusalError(Exception):
    """The request is refused: a handler raises it to respond with an error body."""

    def __init__(self, status: int, body: JsonObject) -> None:
        super().__init__(f"{status} {body.get('code', body.get('error'))}")
        self.status = status
        self.body = body


def _refusal(status: HTTPStatus, error: str, **rest: Json) -> RefusalError:
    return RefusalError(int(status), {"status": int(status), "error": error, **rest})


def missing_envelope(root: str) -> RefusalError:
    """Refuse a request whose envelope is missing, empty or not an object."""
    return _refusal(HTTPStatus.BAD_REQUEST, f"BadRequest: param is missing or the value is empty or invalid: {root}")


def malformed_json() -> RefusalError:
    """Refuse a body that is not JSON."""
    return _refusal(HTTPStatus.BAD_REQUEST, "Bad Request")


def bad_request(code: str) -> RefusalError:
    """Refuse a parameter of the wrong shape; the code takes the place of the sentence."""
    return _refusal(HTTPStatus.BAD_REQUEST, code)


def unauthorized() -> RefusalError:
    """Refuse a request without an API key, or with another than the sandbox's."""
    return _refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized")


def forbidden(code: str, **rest: Json) -> RefusalError:
    """Refuse a feature that needs a licence, or that is turned off."""
    return _refusal(HTTPStatus.FORBIDDEN, "Forbidden", code=code, **rest)


def not_found(resource: str) -> RefusalError:
    """Refuse with the code ``{resource}_not_found``."""
    return _refusal(HTTPStatus.NOT_FOUND, "Not Found", code=f"{resource}_not_found")


def not_allowed(code: str) -> RefusalError:
    """Refuse because of a business rule; the server never sends this for a wrong verb."""
    return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed", code=code)


def too_large() -> RefusalError:
    """Refuse a body that is longer than the limit."""
    return _refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Payload Too Large")


def invalid(details: Json) -> RefusalError:
    """Refuse with a 422 and ``error_details``, whose shape depends on the rule."""
    return _refusal(
        HTTPStatus.UNPROCESSABLE_ENTITY, "Unprocessable Entity", code="validation_errors", error_details=details
    )


def invalid_field(field: str, code: str) -> RefusalError:
    """Refuse with a 422 for one field."""
    return invalid({field: [code]})


def crashed() -> RefusalError:
    """Return the response to a failure of the server itself; some odd parameters cause it."""
    return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")


def not_simulated() -> RefusalError:
    """Refuse an operation that is in the endpoint table, but has no handler here."""
    return _refusal(HTTPStatus.NOT_IMPLEMENTED, "Not Implemented", code=NOT_SIMULATED)


class FieldErrors:
    """The validation errors of one record; the server reports them together."""

    def __init__(self) -> None:
        self._details: Details = {}

    def add(self, field: str, code: str) -> None:
        """Add an error of a field."""
        self._details.setdefault(field, []).append(code)

    def refuse(self) -> None:
        """Raise the errors, fields in alphabetical order, if there are any."""
        if self._details:
            raise invalid({field: list[Json](codes) for field, codes in sorted(self._details.items())})
