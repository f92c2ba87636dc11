"""The checked-in list of the webhooks that differ, which may only shrink."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypedDict, cast

from tools.recorded.recordings import ROOT

PATH = ROOT / "differing_webhooks.json"


class _Content(TypedDict):
    """The list: why kinds of webhooks differ, and which do in each story, by the number of the exchange before them."""

    reasons: dict[str, str]
    stories: dict[str, list[str]]


def reasons() -> dict[str, str]:
    """Return why webhooks differ, by their type."""
    return _read()["reasons"]


def known_types() -> set[str]:
    """Return the types of the webhooks that are known to differ."""
    return {key.partition(" ")[2] for keys in _read()["stories"].values() for key in keys}


def grown(found: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the webhooks that differ and are not on the list: ``free/billing.alerts#7 invoice.created``."""
    listed = _read()["stories"]
    return [
        f"{name}#{key}"
        for name, keys in found.items()
        for key in (Counter(keys) - Counter(listed.get(name, ()))).elements()
    ]


def write(found: Mapping[str, Sequence[str]], *, grow: bool = False) -> None:
    """Take the webhooks of these stories that do not differ off the list; with ``grow``, add those that do."""
    content = _read()
    listed = content["stories"]
    for name, keys in found.items():
        listed[name] = list((Counter(keys) if grow else Counter(keys) & Counter(listed.get(name, ()))).elements())
    content["stories"] = {name: sorted(keys, key=_order) for name, keys in sorted(listed.items()) if keys}
    lines = [f" {json.dumps(name)}: {json.dumps(keys)}" for name, keys in content["stories"].items()]
    reasons = json.dumps(content["reasons"], indent=1, ensure_ascii=False)
    stories = "{\n" + ",\n".join(lines) + "\n}"
    PATH.write_text(f'{{\n"reasons": {reasons},\n"stories": {stories}\n}}\n', encoding="utf-8")


def _order(key: str) -> tuple[int, str]:
    number, _, webhook_type = key.partition(" ")
    return int(number), webhook_type


def _read() -> _Content:
    if not PATH.exists():
        return {"reasons": {}, "stories": {}}
    return cast("_Content", json.loads(PATH.read_text(encoding="utf-8")))
