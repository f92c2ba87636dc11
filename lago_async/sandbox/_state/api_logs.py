"""The log of requests."""

import attrs

from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class ApiLog(Record):
    """One request that changed something, as the log of requests keeps it."""

    request_id: str
    client: str
    http_method: str
    http_status: int
    request_body: str
    request_path: str
    request_response: str
