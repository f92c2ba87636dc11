"""The comparison of webhooks: which were sent after which exchange, and what they told."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import uuid4

import attrs

from lago_async.sandbox._protocol.wire import Json, JsonObject, decode
from lago_async.sandbox._state.outbox import ENDPOINTS, Webhook
from lago_async.sandbox._state.plain_objects import PlainObject
from lago_async.sandbox._state.store import Store
from tools.recorded.comparison import Comparison, Difference, Sums
from tools.recorded.lists import Pairs, aligned, masked
from tools.recorded.normal import normal
from tools.recorded.recordings import Story
from tools.recorded.symbols import Symbols

_ROOT = "webhook"
_ON_ITS_WAY = timedelta(minutes=1)


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
        exchanges = story["exchanges"]
        by_chance = any("unstable" in each and each["operation"] == "find_all_invoices" for each in exchanges)
        clocks = [datetime.fromisoformat(each["clock"]) for each in exchanges]
        pairing = _Pairing(clocks, comparison, numbers_by_chance=by_chance)
        for number, webhook_type in sorted(recorded.keys() | ours.keys()):
            pairing.pair(number, webhook_type, recorded[number, webhook_type], ours[number, webhook_type])
        found = pairing.finish()
        comparison.sums = sums
        return found


def _content(webhook: Webhook) -> Json:
    value = decode(webhook.payload.body)
    return value[webhook.payload.object_type] if isinstance(value, dict) else None


def _same(told: Sequence[Json], contents: Sequence[Json], symbols: Symbols) -> Pairs:
    """Pair what is about the same object, as far as its id was shown before."""
    by_id: defaultdict[str, list[Json]] = defaultdict(list)
    for each in contents:
        if isinstance(each, dict):
            by_id[symbols.named(str(each.get("lago_id")))].append(each)
    pairs: Pairs = []
    for left in told:
        same = by_id[str(left.get("lago_id"))] if isinstance(left, dict) else []
        if same:
            wanted = masked(left)
            right = next((each for each in same if masked(each, symbols.named) == wanted), same[0])
            # By identity: two webhooks may tell the same.
            same[:] = [each for each in same if each is not right]
            pairs.append((left, right))
    return pairs


@attrs.define
class _Pairing:
    """Pairs the webhooks of a story: those after the same exchange, and then those that were on their way meanwhile."""

    clocks: list[datetime]
    comparison: Comparison
    numbers_by_chance: bool
    found: list[ComparedWebhook] = attrs.field(factory=list[ComparedWebhook])
    recorded_left: list[tuple[int, str, Json]] = attrs.field(factory=list[tuple[int, str, Json]])
    ours_left: list[tuple[int, str, Json]] = attrs.field(factory=list[tuple[int, str, Json]])
    _sent_at: dict[int, datetime] = attrs.field(factory=dict[int, datetime])
    _paths: dict[str, str] = attrs.field(factory=dict[str, str])

    def pair(self, number: int, webhook_type: str, recorded: Sequence[JsonObject], ours: Sequence[Webhook]) -> None:
        """Compare the webhooks of one type after one exchange."""
        kinds = [*(str(each["object_type"]) for each in recorded), *(each.payload.object_type for each in ours)]
        told = [each[kinds[0]] for each in recorded]
        contents = [normal(_content(each)) for each in ours]
        self._paths[webhook_type] = f"{_ROOT}.{kinds[0]}"
        self._sent_at |= {id(content): each.created_at for content, each in zip(contents, ours, strict=True)}
        pairs = _same(told, contents, self.comparison.symbols)
        first = {id(side) for pair in pairs for side in pair}
        left_over, ours_left = ([each for each in side if id(each) not in first] for side in (told, contents))
        pairs += aligned(left_over, ours_left, self.comparison.symbols.named)
        for left, right in pairs:
            self._compare(number, webhook_type, left, right)
        paired = {id(side) for pair in pairs for side in pair}
        self.recorded_left += [(number, webhook_type, each) for each in told if id(each) not in paired]
        self.ours_left += [(number, webhook_type, each) for each in contents if id(each) not in paired]

    def finish(self) -> list[ComparedWebhook]:
        """Compare what is left, and return everything in order."""
        for number, webhook_type, left in self.recorded_left:
            near = (each for each in self.ours_left if each[1] == webhook_type and self._is_near(number, each[2]))
            other = next(near, None)
            if other is None:
                self._add(number, webhook_type, [Difference(_ROOT, "missing", "sent", None)])
            else:
                self.ours_left.remove(other)
                self._compare(number, webhook_type, left, other[2])
        for number, webhook_type, _ in self.ours_left:
            self._add(number, webhook_type, [Difference(_ROOT, "extra", None, "sent")])
        return sorted(self.found, key=lambda each: (each.number, each.webhook_type))

    def _is_near(self, number: int, content: Json) -> bool:
        # A recording has the exchange after which a webhook arrived. It was on its way for a while.
        return abs(self._sent_at[id(content)] - self.clocks[max(number, 0)]) < _ON_ITS_WAY

    def _compare(self, number: int, webhook_type: str, left: Json, right: Json) -> None:
        path = self._paths[webhook_type]
        differences = self.comparison.bodies(left, right, self._sent_at[id(right)], path)
        self._add(number, webhook_type, [each for each in differences if not self._by_chance(each)])

    def _by_chance(self, difference: Difference) -> bool:
        """Return whether two tellings of the story to the running Lago gave the invoices other numbers."""
        return self.numbers_by_chance and difference.path.endswith((".number", ".invoice_number"))

    def _add(self, number: int, webhook_type: str, differences: list[Difference]) -> None:
        self.found.append(ComparedWebhook(number, webhook_type, differences))
