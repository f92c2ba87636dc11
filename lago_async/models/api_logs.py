"""Models of the log of API calls."""

from typing import Literal

from lago_async.models._base import Json, Open, Timestamp, response_model

__all__ = ["ApiLog", "LoggedMethod"]

LoggedMethod = Literal["post", "put", "delete"]


@response_model
class ApiLog:
    """An API call that changed something.

    Attributes:
        client: The User-Agent of the caller.
        request_body: The body that the caller sent.
        request_id: The ``X-Request-Id`` of the call.
        request_response: The body of the response.
    """

    api_version: str
    client: str
    http_method: Open[LoggedMethod]
    http_status: int
    logged_at: Timestamp
    request_body: Json
    request_origin: str
    request_path: str
    created_at: Timestamp
    request_id: str
    request_response: Json
