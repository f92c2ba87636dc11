"""Worlds with and without a field: a story is told to copies of a sandbox, and all that can be seen is compared."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from lago_async.sandbox import Sandbox
from lago_async.sandbox._protocol.wire import decode, encode
from lago_async.sandbox._server.messages import IncomingRequest
from tests.contract.facts import OPERATIONS
from tests.lago_async.sandbox.field_stories import Results, Step, Story, placed, resolved

LISTS = (
    "find_all_invoices",
    "find_all_fees",
    "find_all_credit_notes",
    "find_all_wallets",
    "find_all_customers",
    "find_all_plans",
    "find_all_subscriptions",
    "find_all_applied_coupons",
    "find_all_coupons",
    "find_all_taxes",
    "find_all_add_ons",
    "find_all_billable_metrics",
    "find_all_payments",
    "find_all_payment_requests",
    "find_all_products",
    "find_all_rate_cards",
    "find_all_orders",
    "list_billing_entities",
)
# The lists that show the object of an operation, by a word in the operation's name: there, a field shows itself.
_OWN = {
    "plan": ("find_all_plans", "find_all_subscriptions"),
    "subscription": ("find_all_plans", "find_all_subscriptions"),
    "wallet": ("find_all_wallets",),
    "customer": ("find_all_customers",),
    "invoice": ("find_all_invoices", "find_all_fees"),
    "note": ("find_all_credit_notes",),
    "coupon": ("find_all_coupons", "find_all_applied_coupons"),
    "tax": ("find_all_taxes",),
    "on": ("find_all_add_ons",),
    "metric": ("find_all_billable_metrics",),
    "payment": ("find_all_payments", "find_all_payment_requests"),
    "product": ("find_all_products",),
    "card": ("find_all_rate_cards",),
    "entity": ("list_billing_entities",),
    "organization": ("list_billing_entities",),
    "order": ("find_all_orders",),
}
# Ids and URLs with random parts, which differ between any two worlds.
_RANDOM = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b(?:pm|cus)_[0-9a-f]{14}\b|https?://[^\"]+/[\w-]{20,}[^\"]*"
)
_USAGE = ("find_customer_current_usage of sub", "find_customer_current_usage of two")
_ABSENT = "(absent)"


class UntellableError(Exception):
    """A story that cannot be told: a step before its request was refused, or a value names what it does not have."""


class Told:
    """A world after a story: what can be seen of it by section, or the refusal of the request."""

    def __init__(self, refusal: str | None, sandbox: Sandbox, sections: Mapping[str, bytes]) -> None:
        self.refusal = refusal
        self._sandbox = sandbox
        self._raw = dict(sections)
        self._sections: dict[str, bytes] = {}

    @property
    def names(self) -> list[str]:
        """The sections, those first that need no further request."""
        return list(dict.fromkeys([*self._raw, *LISTS, *_USAGE, *self._wallets]))

    def section(self, name: str) -> bytes:
        """Return the content of a section, without what is random."""
        if name not in self._sections:
            content = self._raw[name] if name in self._raw else self._asked(name)
            self._sections[name] = _RANDOM.sub(b"(random)", content)
        return self._sections[name]

    def _asked(self, name: str) -> bytes:
        operation, _, rest = name.partition(" of ")
        if operation in LISTS:
            return respond(self._sandbox, operation, None)[1]
        if name in _USAGE:
            return respond(self._sandbox, operation, {"external_subscription_id": rest}, "cus")[1]
        return respond(self._sandbox, operation, None, self._wallets[name])[1] if name in self._wallets else b""

    @property
    def _wallets(self) -> dict[str, str]:
        wallets = self._sandbox._store.wallets  # pyright: ignore[reportPrivateUsage]
        return {f"find_all_wallet_transactions of {number}": one.lago_id for number, one in enumerate(wallets)}


@attrs.frozen
class Difference:
    """A leaf of a section that differs."""

    section: str
    path: tuple[str | int, ...]
    before: object
    after: object


def respond(sandbox: Sandbox, operation: str, body: Any, *path: str) -> tuple[int, bytes]:
    """Perform an operation without HTTP, and return the status and the body of the response."""
    response = sandbox._api.perform(operation, body, path)  # pyright: ignore[reportPrivateUsage]
    return response.status, response.body


def send(sandbox: Sandbox, operation: str, body: Any, *path: str) -> tuple[int, bytes]:
    """Send a request with its whole body, as it comes off a socket."""
    facts = OPERATIONS[operation]
    assert not path
    headers = {"Authorization": f"Bearer {sandbox.api_key}", "Content-Type": "application/json"}
    request = IncomingRequest(
        method=facts["method"],
        target=f"/api/v1{facts['path']}",
        headers=headers,
        body=encode(body),
        request_id="request",
    )
    response = sandbox._api.respond(request)  # pyright: ignore[reportPrivateUsage]
    return response.status, response.body


def _kept_as(operation: str) -> str:
    """Return the name of the result of an operation, for later steps."""
    return operation.partition("_")[2]


def take(sandbox: Sandbox, results: Results, step: Step) -> bytes | None:
    """Take one step; keep its result, and return the response of a refusal."""
    if isinstance(step, int):
        sandbox.advance(days=step)
        return None
    operation, body, *path = step
    kept = _kept_as(operation)
    if operation == "draft_quote":
        results["quote"] = sandbox.draft_quote("cus", billing_items=resolved(body, results))
        return None
    status, content = respond(sandbox, operation, resolved(body, results), *resolved(path, results))
    if status != 200:
        return content
    decoded: Any = decode(content) if content else None
    results[kept] = next(iter(decoded.values())) if isinstance(decoded, dict) else None
    return None


class Scene:
    """A world in which the steps before the request of a story have been taken."""

    def __init__(self, world: Sandbox, results: Results, story: Story) -> None:
        self._sandbox, self._results, self._story = world.fork(), dict(results), story
        self._refusal = next((one for step in story.before if (one := take(self._sandbox, self._results, step))), None)

    def tell(self, fields: Mapping[str, Any]) -> Told:
        """Tell the rest of the story to a copy of the world, with the fields in their part of the request.

        Raises:
            UntellableError: A step before was refused, or the fields name something that the story does not have.
        """
        if self._refusal is not None:
            raise UntellableError(self._refusal)
        story, sandbox, results = self._story, self._sandbox.fork(), dict(self._results)
        try:
            body = resolved(placed(story.body, story.at, fields), results)
            path = resolved(story.path, results)
        except LookupError as error:
            raise UntellableError(story.operation) from error
        status, response = (send if story.whole else respond)(sandbox, story.operation, body, *path)
        if status != 200:
            return Told(response.decode(), sandbox, {})
        decoded: Any = decode(response) if response.startswith(b"{") else None
        results[_kept_as(story.operation)] = next(iter(decoded.values())) if decoded else None
        sections = {"response": response}
        for number, step in enumerate(story.after):
            refusal = take(sandbox, results, step)
            if refusal is not None:
                sections[f"step {number}"] = refusal
        signs = "webhook" in story.operation
        for number, webhook in enumerate(sandbox.webhooks):
            sections[f"webhook {number}"] = webhook.body
            signed = [webhook.headers["X-Lago-Signature-Algorithm"]] if signs else []
            sections[f"endpoint {number}"] = encode([webhook.url, *signed])
        return Told(None, sandbox, sections)


def differences(one: Told, other: Told) -> Iterator[Difference]:
    """Yield what differs between two worlds, but for the times of changes."""
    for section in dict.fromkeys([*one.names, *other.names]):
        before, after = one.section(section), other.section(section)
        if before == after:
            continue
        old, new = dict(_leaves(_parsed(before))), dict(_leaves(_parsed(after)))
        for path in dict.fromkeys([*old, *new]):
            left, right = old.get(path, _ABSENT), new.get(path, _ABSENT)
            if left != right and path[-1:] != ("updated_at",):
                yield Difference(section, path, left, right)


def _parsed(content: bytes) -> Any:
    try:
        return decode(content)
    except ValueError:
        return content.decode()


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    items: Sequence[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    if not items:
        yield path, value
    for key, item in items:
        yield from _leaves(item, (*path, key))


def own_sections(story: Story) -> set[str]:
    """Return the sections that show the object of the story's request."""
    words = story.operation.removesuffix("s").split("_")
    return {"response", *(name for word in words for name in _OWN.get(word, ()))}


def is_effect(difference: Difference, field: str, story: Story) -> bool:
    """Return whether a difference is more than the field that shows itself in its object."""
    shows_itself = difference.section.startswith("webhook ") or difference.section in own_sections(story)
    return not (shows_itself and field in difference.path)
