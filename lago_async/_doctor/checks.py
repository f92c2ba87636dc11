"""The checks: the server, the key, the clock, the rate limits, the permissions and the webhook endpoints."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final

import msgspec

from lago_async._concurrency import side_by_side
from lago_async._doctor.findings import KEY_REFUSED, NOT_LAGO, UNREACHABLE, Finding, failure, warning
from lago_async._printable import printable
from lago_async._registry import ENDPOINTS
from lago_async._table.gates import needs
from lago_async.errors import (
    ForbiddenError,
    LagoConnectionError,
    LagoDecodeError,
    LagoError,
    LagoResponseError,
    UnauthorizedError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lago_async._table.endpoint import Endpoint
    from lago_async.client import LagoClient

_SKEW: Final = 5.0  # seconds; the header has whole seconds, and the response takes its time
_AT_A_TIME: Final = 4
_LARGEST_HEALTH: Final = 65_536  # bytes


class _Health(msgspec.Struct):
    """The page ``/health`` of a server."""

    version: str


async def examine(client: LagoClient, clock: Callable[[], float] = time.time) -> list[Finding]:
    """Return all findings; after one that fails, the rest is not tried."""
    first, headers = await _server(client, clock)
    findings = [*first]
    if any(finding.level == "failed" for finding in first):
        return findings
    findings.append(await _version(client))
    findings += [_clock_of(headers, clock()), _rate_limits(client)]
    findings += await _permissions(client)
    findings += await _webhooks(client)
    return findings


async def _server(client: LagoClient, clock: Callable[[], float]) -> tuple[list[Finding], Mapping[str, str]]:
    """Ask for the organisation, which tells most of what can be wrong."""
    endpoint = ENDPOINTS["find_organization"]
    began = clock()
    try:
        response = await client.send(endpoint.encode((), {}))
        took = clock() - began
        organization = endpoint.decode(response)
    except LagoConnectionError as error:
        remedy = "check LAGO_API_URL, the network, and proxies and firewalls in between"
        return [failure("server", str(error), remedy, UNREACHABLE)], {}
    except UnauthorizedError:
        return [
            Finding(check="server", level="ok", text=f"{client.base_url} answers"),
            failure(
                "key",
                "the server does not know the key",
                "copy the key again, and check that it is for the organisation behind LAGO_API_URL: each region and "
                "each server has its own keys",
                KEY_REFUSED,
            ),
        ], {}
    except ForbiddenError as error:
        reached = Finding(check="server", level="ok", text=f"{client.base_url} answers")
        text = f"the key is valid, and may not read its organisation ({error.code or error.error})"
        return [reached, Finding(check="organisation", level="note", text=text)], error.headers
    except LagoDecodeError as error:
        text = f"{client.base_url} does not answer like Lago: {error}"
        return [failure("server", text, "check LAGO_API_URL: it may be the address of the app", NOT_LAGO)], {}
    except LagoResponseError as error:
        remedy = "check LAGO_API_URL; if it is right, look at the server's log, or try again later"
        return [failure("server", str(error), remedy, NOT_LAGO)], {}
    return [
        Finding(check="server", level="ok", text=f"{client.base_url} answers in {max(took, 0.0) * 1000:.0f} ms"),
        Finding(check="key", level="ok", text="the server knows the key"),
        Finding(
            check="organisation",
            level="ok",
            text=f"{printable(str(getattr(organization, 'name', '')))} "
            f"({printable(str(getattr(organization, 'lago_id', '')))})",
        ),
    ], response.headers


async def _version(client: LagoClient) -> Finding:
    """Read the server's page of health, without the key; Lago Cloud and proxies may hide it."""
    page = BytesIO()
    try:
        await client.download_file(f"{client.base_url.removesuffix('/api/v1')}/health", page, max_bytes=_LARGEST_HEALTH)
        version = msgspec.json.decode(page.getvalue(), type=_Health).version
    except (LagoError, msgspec.DecodeError, UnicodeDecodeError):
        return Finding(check="version", level="note", text="the server does not tell its version")
    return Finding(check="version", level="ok", text=f"the server is Lago {printable(version)}")


def _clock_of(headers: Mapping[str, str], now: float) -> Finding:
    try:
        skew = now - parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, ValueError):
        return Finding(check="clock", level="note", text="the server does not tell its time")
    if abs(skew) <= _SKEW:
        return Finding(check="clock", level="ok", text=f"this clock and the server's differ by {_SKEW:g} s or less")
    text = f"this clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the server's"
    return warning(
        "clock", text, "let NTP set it: events get their timestamp from this clock, and with it their billing period"
    )


def _rate_limits(client: LagoClient) -> Finding:
    limits = client.rate_limits
    if not limits:
        return Finding(check="rate limits", level="note", text="the server shows none")
    texts = [f"{limit.limit} calls per {limit.window:g} s, {limit.others} used by others" for limit in limits]
    return Finding(check="rate limits", level="ok", text="; ".join(texts))


async def _permissions(client: LagoClient) -> list[Finding]:
    """Read one item of each list."""
    lists = [each for each in ENDPOINTS.values() if _is_plain_list(each)]
    results = await side_by_side(lambda each: _read_one(client, each), lists, _AT_A_TIME)
    readable = [_name(each) for each, error in zip(lists, results, strict=True) if error is None]
    findings = [Finding(check="permissions", level="ok", text=f"the key may read: {', '.join(readable) or 'nothing'}")]
    denied: list[str] = []
    for each, error in zip(lists, results, strict=True):
        name = _name(each)
        if error is None:
            continue
        code = getattr(error, "code", None) or ""
        if "_action_not_allowed_for_" in code:
            denied.append(name)
        elif isinstance(error, ForbiddenError) and each.gates:
            findings.append(Finding(check="permissions", level="note", text=f"{name} needs {needs(each.gates)}"))
        elif isinstance(error, ForbiddenError):
            findings.append(Finding(check="permissions", level="note", text=f"{name}: refused ({printable(code)})"))
        else:
            findings.append(
                warning("permissions", f"{name}: {error}", "call it by itself, and look at the server's log")
            )
    if denied:
        findings.append(
            warning(
                "permissions",
                f"the key may not read: {', '.join(denied)}",
                "if you need them, give the key these permissions in the dashboard; this check changes nothing, so it "
                "does not tell whether the key may write",
            )
        )
    return findings


def _name(endpoint: Endpoint) -> str:
    return endpoint.name.removeprefix("find_all_")


def _is_plain_list(endpoint: Endpoint) -> bool:
    """Tell whether an endpoint lists without any argument."""
    required = any(parameter.required for parameter in endpoint.query)
    return endpoint.paged and endpoint.method == "GET" and not (endpoint.path_params or endpoint.deprecated or required)


async def _read_one(client: LagoClient, endpoint: Endpoint) -> LagoError | None:
    try:
        endpoint.decode(await client.send(endpoint.encode((), {"per_page": 1})))
    except LagoError as error:
        return error
    return None


def _without_secrets(url: str) -> str:
    """Return a URL without its user name, password and query."""
    scheme, separator, rest = url.partition("?")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"


async def _webhooks(client: LagoClient) -> list[Finding]:
    try:
        endpoints = await client.webhook_endpoints.find_all().collect()
    except LagoError as error:
        return [Finding(check="webhooks", level="note", text=f"the endpoints cannot be listed: {error}")]
    findings: list[Finding] = []
    for endpoint in endpoints:
        url = printable(_without_secrets(endpoint.webhook_url))
        if endpoint.signature_algo == "jwt":
            findings.append(
                warning(
                    "webhooks",
                    f"{url} is signed with JWTs, which repeat the payload in a header",
                    "set its signature_algo to hmac: many servers refuse headers of more than 8 KB before your code "
                    "runs, and Lago gives up after three attempts",
                )
            )
        if not endpoint.webhook_url.lower().startswith("https://"):
            findings.append(
                warning("webhooks", f"{url} is not https", "serve it with TLS: payloads hold personal data")
            )
    if not findings:
        text = f"{len(endpoints)} endpoints, all with https and HMAC" if endpoints else "there are no endpoints"
        findings.append(Finding(check="webhooks", level="ok" if endpoints else "note", text=text))
    return findings
