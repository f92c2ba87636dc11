"""The log of requests."""

import attrs

from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class ApiLog(Record):
    """A logged request that changed something, or tried to."""

    request_id: str
    client: str
    http_method: str
    http_status: int
    request_body: str
    request_path: str
    request_response: str
