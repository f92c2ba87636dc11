"""The names of attributes and metrics: those of the semantic conventions for HTTP clients, and our own."""

from __future__ import annotations

from typing import Final

ERROR_TYPE: Final = "error.type"
METHOD: Final = "http.request.method"
RESEND_COUNT: Final = "http.request.resend_count"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
STATUS_CODE: Final = "http.response.status_code"
URL_TEMPLATE: Final = "url.template"

ATTEMPT: Final = "lago.attempt"
ATTEMPTS: Final = "lago.attempts"
DELAY: Final = "lago.delay"
MAYBE_APPLIED: Final = "lago.maybe_applied"
OPERATION: Final = "lago.operation"
OUTCOME: Final = "lago.outcome"
RATE_LIMIT_WAIT: Final = "lago.rate_limit.wait"
REQUEST_ID: Final = "lago.request_id"

RETRY_EVENT: Final = "lago.retry"
"""The event of a span for an attempt that another one follows."""

DURATION_METRIC: Final = "http.client.request.duration"
RETRIES_METRIC: Final = "lago.client.retries"
WAIT_METRIC: Final = "lago.client.rate_limit.wait"
BATCH_SIZE_METRIC: Final = "lago.events.batch.size"
BATCH_RETRIES_METRIC: Final = "lago.events.batch.retries"
SETTLED_METRIC: Final = "lago.events.settled"
WAITING_METRIC: Final = "lago.events.waiting"
