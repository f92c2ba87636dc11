"""The report of told stories: what is equal per folder, and the differences by kind."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

import attrs

from lago_async.sandbox._protocol.wire import Json
from tools.recorded.comparison import ROOT, Difference
from tools.recorded.telling import Compared, Told
from tools.recorded.webhooks import ComparedWebhook

_WIDTH = 90


@attrs.define
class Kind:
    """Differences of one kind: an operation, the path of a field, and how it differs."""

    operation: str
    path: str
    kind: str
    exchanges: set[str] = attrs.field(factory=set[str])
    alone: int = 0
    first: str = ""
    recorded: Json = None
    ours: Json = None


def kinds(stories: Sequence[Told]) -> list[Kind]:
    """Return the kinds of differences, the most frequent ones first."""
    found: dict[tuple[str, str, str], Kind] = {}
    for told in stories:
        found_in: list[Compared | ComparedWebhook] = [*told.exchanges, *told.webhooks]
        for each in found_in:
            for difference in each.differences:
                operation, path = each.operation, _short_path(difference)
                kind = found.setdefault((operation, path, difference.kind), Kind(operation, path, difference.kind))
                where = f"{told.name}#{each.number}"
                if not kind.first:
                    kind.first, kind.recorded, kind.ours = where, difference.recorded, difference.ours
                kind.exchanges.add(where)
                kind.alone += len(each.differences) == 1
    return sorted(found.values(), key=lambda kind: (-len(kind.exchanges), kind.operation, kind.path))


def totals(stories: Sequence[Told]) -> Iterator[str]:
    """Yield what is equal, a line per folder."""
    folders: defaultdict[str, list[Told]] = defaultdict(list)
    for told in stories:
        folders[told.name.partition("/")[0]].append(told)
    for folder, part in folders.items():
        counted = [each for told in part for each in told.exchanges if each.counts]
        sums = [told.sums for told in part]
        yield "  ".join(
            (
                f"{folder:8}",
                _share("exchanges", sum(not each.differences for each in counted), len(counted)),
                _share("keys", sum(each.keys_equal for each in sums), sum(each.keys for each in sums)),
                _share("values", sum(each.values_equal for each in sums), sum(each.values for each in sums)),
                _share("invoices", sum(told.invoices_equal for told in part), sum(told.invoices for told in part)),
            )
        )


def webhook_totals(stories: Sequence[Told]) -> str:
    """Return how many webhooks are equal: sent after the same exchange, and with the same content."""
    found = [each for told in stories for each in told.webhooks]
    return _share("webhooks", sum(not each.differences for each in found), len(found))


def by_kind(stories: Sequence[Told], limit: int | None) -> Iterator[str]:
    """Yield the kinds of differences: exchanges in which it is seen, exchanges that have no other, what, first seen."""
    found = kinds(stories)
    for kind in found[:limit]:
        what = kind.kind if kind.kind == kind.path else f"{kind.kind} {kind.path}"
        yield (
            f"{len(kind.exchanges):4} {kind.alone:4}  {kind.operation}  {what}\n"
            f"           {kind.first}: recorded {_short(kind.recorded)}, ours {_short(kind.ours)}"
        )
    if limit is not None and len(found) > limit:
        yield f"... and {len(found) - limit} more kinds; ALL=1 or --all shows them"


def _short_path(difference: Difference) -> str:
    return difference.path.removeprefix(f"{ROOT}.")


def _share(name: str, equal: int, total: int) -> str:
    return f"{name} {equal} of {total} ({100 * equal / total if total else 100:.1f} %)"


def _short(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."
