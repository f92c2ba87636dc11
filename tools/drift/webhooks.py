"""The webhooks of the server: their types, and the objects that they carry, compared with the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from tests.contract.facts import WEBHOOKS
from tools.drift.evaluation import Evaluator, Serializer, Words
from tools.drift.findings import Drift
from tools.drift.program import RubyClass, Unread
from tools.drift.ruby.nodes import Str

FOLDER = "app/services/webhooks"


def compare_webhooks(evaluator: Evaluator) -> Iterator[Drift]:
    """Yield the webhooks that the contract lacks, those that have no class, and those that carry something else."""
    found: set[str] = set()
    for cls in sorted(evaluator.program.classes.values(), key=lambda each: each.path):
        if not cls.file.startswith(f"{FOLDER}/") or "webhook_type" not in cls.methods:
            continue
        name = _text(evaluator, cls, "webhook_type")
        if name is None:
            if cls.methods["webhook_type"].body:
                line = cls.methods["webhook_type"].line
                evaluator.unread.add(Unread(cls.file, line, "a type of webhook that is computed"))
            continue
        found.add(name)
        yield from _compare(evaluator, cls, name)
    for name, facts in WEBHOOKS.items():
        if name not in found and not facts.get("spec_only"):
            yield Drift(side="webhooks", place=name, says="the server does not send it")


def _compare(evaluator: Evaluator, cls: RubyClass, name: str) -> Iterator[Drift]:
    at = f"{cls.file}:{cls.methods['webhook_type'].line}"
    carried = evaluator.call(cls, "object_serializer", {})
    includes = sorted(carried.includes or {}) if isinstance(carried, Serializer) else []
    facts: dict[str, object] = {"object_type": _text(evaluator, cls, "object_type"), "includes": includes}
    known = WEBHOOKS.get(name)
    if known is None:
        entry = {"webhooks": {name: {**facts, "server_only": True}}}
        says = "the server sends it, and the contract lacks it"
        yield Drift(side="webhooks", place=name, says=says, at=at, file="webhooks", facts=entry)
        return
    here = {"object_type": known["object_type"], "includes": sorted(known.get("includes", []))}
    for key, value in facts.items():
        if value != here[key]:
            entry = {"webhooks": {name: {key: value}}}
            says = f"{key} is {_shown(here[key])}, and {_shown(value)} on the server"
            yield Drift(side="webhooks", place=name, says=says, at=at, file="webhooks", facts=entry)


def _text(evaluator: Evaluator, cls: RubyClass, method: str) -> str | None:
    value = evaluator.call(cls, method, {})
    return value.node.value if isinstance(value, Words) and isinstance(value.node, Str) else None


def _shown(value: object) -> str:
    names = cast("list[str]", value) if isinstance(value, list) else [str(value)]
    return " ".join(names) or "nothing"
