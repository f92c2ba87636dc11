"""The comparison of webhooks: which were sent after which exchange, and what they told."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import cast
from uuid import uuid4

import attrs

from lago_async.sandbox._protocol.wire import Json, JsonObject, decode
from lago_async.sandbox._state.outbox import ENDPOINTS, Webhook
from lago_async.sandbox._state.plain_objects import PlainObject
from lago_async.sandbox._state.store import Store
from tools.recorded.comparison import Comparison, Difference, Sums
from tools.recorded.lists import Pairs, aligned
from tools.recorded.normal import normal
from tools.recorded.recordings import Story
from tools.recorded.symbols import Symbols

_ROOT = "webhook"


@attrs.frozen
class ComparedWebhook:
    """A webhook that the running Lago sent or we did, the number of the exchange before it, and how they differ."""

    number: int
    webhook_type: str
    differences: list[Difference]

    @property
    def operation(self) -> str:
        """Its name in reports."""
        return f"{_ROOT} {self.webhook_type}"

    @property
    def key(self) -> str:
        """Its name in the list of differing webhooks."""
        return f"{self.number} {self.webhook_type}"


def listen(store: Store) -> None:
    """Add the endpoint that gets all webhooks, as it was there on the running Lago."""
    values: JsonObject = {
        "webhook_url": "http://127.0.0.1/",
        "signature_algo": "hmac",
        "name": None,
        "event_types": None,
    }
    endpoint = PlainObject(created_at=store.now, lago_id=str(uuid4()), values=values)
    store.plain_objects[ENDPOINTS][endpoint.lago_id] = endpoint


class Heard:
    """Our webhooks, by the number of the exchange that they came after."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_number: defaultdict[int, list[Webhook]] = defaultdict(list)

    def take(self, number: int) -> None:
        """Take what was sent since the last time."""
        self._by_number[number] += self._store.outbox.webhooks
        self._store.outbox.webhooks.clear()

    def compared(self, story: Story, comparison: Comparison) -> list[ComparedWebhook]:
        """Compare all webhooks of a story."""
        recorded: defaultdict[tuple[int, str], list[JsonObject]] = defaultdict(list)
        for each in story.get("webhooks", []):
            recorded[cast("int", each["after"]), cast("str", each["webhook_type"])].append(each)
        ours: defaultdict[tuple[int, str], list[Webhook]] = defaultdict(list)
        for number, webhooks in self._by_number.items():
            for webhook in webhooks:
                ours[number, webhook.payload.webhook_type].append(webhook)
        sums, comparison.sums = comparison.sums, Sums()
        found = [
            ComparedWebhook(number, webhook_type, differences)
            for number, webhook_type in sorted(recorded.keys() | ours.keys())
            for differences in _pairs(recorded[number, webhook_type], ours[number, webhook_type], comparison)
        ]
        comparison.sums = sums
        return found


def _content(webhook: Webhook) -> Json:
    value = decode(webhook.payload.body)
    return value[webhook.payload.object_type] if isinstance(value, dict) else None


def _same(told: Sequence[Json], contents: Sequence[Json], symbols: Symbols) -> Pairs:
    """Pair what is about the same object, as far as its id was shown before."""
    by_id = {symbols.named(str(each.get("lago_id"))): each for each in contents if isinstance(each, dict)}
    named = [(each, by_id.get(str(each.get("lago_id")))) for each in told if isinstance(each, dict)]
    return [(left, right) for left, right in named if right is not None]


def _pairs(
    recorded: Sequence[JsonObject], ours: Sequence[Webhook], comparison: Comparison
) -> Iterator[list[Difference]]:
    """Yield how the webhooks of one type after one exchange differ, for each of them."""
    object_type = next(
        iter([*(str(each["object_type"]) for each in recorded), *(each.payload.object_type for each in ours)])
    )
    told = [each[object_type] for each in recorded]
    contents = [normal(_content(each)) for each in ours]
    path = f"{_ROOT}.{object_type}"
    sent_at = {id(content): each.created_at for content, each in zip(contents, ours, strict=True)}
    pairs = _same(told, contents, comparison.symbols)
    first = {id(side) for pair in pairs for side in pair}
    left_over, ours_left = ([each for each in side if id(each) not in first] for side in (told, contents))
    pairs += aligned(left_over, ours_left, comparison.symbols.named)
    for left, right in pairs:
        yield list(comparison.bodies(left, right, sent_at[id(right)], path))
    for _ in range(len(recorded) - len(pairs)):
        yield [Difference(_ROOT, "missing", "sent", None)]
    for _ in range(len(ours) - len(pairs)):
        yield [Difference(_ROOT, "extra", None, "sent")]
