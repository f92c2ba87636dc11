"""The webhooks of the server: their types, and the objects that they carry, compared with the contract."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import cast

import attrs

from lago_async import models
from lago_async.models import webhook_payloads
from tests.contract.facts import WEBHOOKS
from tools.drift.comparison import SENDS, SENDS_NOT, SOMETIMES, facts_of, of_field, omitted
from tools.drift.contract_places import objects_of
from tools.drift.evaluation import Evaluator, Serializer, Words
from tools.drift.findings import Drift
from tools.drift.program import RubyClass, Unread
from tools.drift.ruby.nodes import Str
from tools.drift.shapes import JsonShape, Keyed

FOLDER = "app/services/webhooks"


class WebhookComparison:
    """Compares all webhooks; a field that one of them carries is not missing in the others."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._carried: dict[type, set[str]] = {}
        self._incomplete: set[type] = set()
        self._omitted: dict[tuple[type, str], Keyed] = {}

    def drifts(self) -> Iterator[Drift]:
        """Yield the webhooks that the contract lacks, those that have no class, and those that carry something else."""
        found: set[str] = set()
        for cls in sorted(self._evaluator.program.classes.values(), key=lambda each: each.path):
            if not cls.file.startswith(f"{FOLDER}/") or "webhook_type" not in cls.methods:
                continue
            name = self._text(cls, "webhook_type")
            if name is not None:
                found.add(name)
                yield from self._compare(cls, name)
            elif cls.methods["webhook_type"].body:
                line = cls.methods["webhook_type"].line
                self._evaluator.unread.add(Unread(cls.file, line, "a type of webhook that is computed"))
        for name, facts in WEBHOOKS.items():
            if name not in found and not facts.get("spec_only"):
                yield Drift(side="webhooks", place=name, says="the server does not send it")
        for (model, name), shape in self._omitted.items():
            if name in self._carried[model] or model.__module__ != webhook_payloads.__name__:
                entry = {"conditional": True}
                yield of_field("webhooks", model, name, SOMETIMES, objects_of(model), entry, at=shape.made_by)
        for model, carried in self._carried.items():
            if model.__module__ == webhook_payloads.__name__ and model not in self._incomplete:
                for name in sorted({field.name for field in attrs.fields(model)} - carried - _inherited(model)):
                    yield Drift(side="webhooks", place=f"{model.__name__}.{name}", says=SENDS_NOT)

    def _compare(self, cls: RubyClass, name: str) -> Iterator[Drift]:
        at = f"{cls.file}:{cls.methods['webhook_type'].line}"
        carried = self._evaluator.call(cls, "object_serializer", {})
        includes = sorted(carried.includes or {}) if isinstance(carried, Serializer) else []
        facts: dict[str, object] = {"object_type": self._text(cls, "object_type"), "includes": includes}
        if isinstance(carried, Serializer):
            yield from self._object(self._evaluator.serialized(carried))
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

    def _object(self, shape: JsonShape) -> Iterator[Drift]:
        """Compare an object with the model that has most of its keys: no table says which model a webhook has."""
        if not isinstance(shape, Keyed):
            return
        model = max(_models(), key=lambda each: (_likeness(shape, each), each.__name__))
        fields = {field.name for field in attrs.fields(model)}
        nodes = objects_of(model)
        for name, key in shape.keys.items():
            if name not in fields:
                facts = {**facts_of(key, {}), "server_only": True}
                yield of_field("webhooks", model, name, SENDS, nodes, facts, at=str(key.at))
        self._omitted |= {(model, name): shape for name in omitted(shape, model)}
        self._carried.setdefault(model, set()).update(shape.keys)
        if shape.gaps:
            self._incomplete.add(model)

    def _text(self, cls: RubyClass, method: str) -> str | None:
        value = self._evaluator.call(cls, method, {})
        return value.node.value if isinstance(value, Words) and isinstance(value.node, Str) else None


def _inherited(model: type) -> set[str]:
    """Return the fields that a model has from another one, which operations return."""
    return {field.name for base in model.__mro__[1:] if attrs.has(base) for field in attrs.fields(base)}


@cache
def _models() -> list[type]:
    found = [getattr(models, name) for name in dir(models) if not name.endswith("Input")]
    return [model for model in found if attrs.has(model)]


def _likeness(shape: Keyed, model: type) -> float:
    fields = {field.name for field in attrs.fields(model)}
    return len(fields & shape.keys.keys()) / len(fields | shape.keys.keys())


def _shown(value: object) -> str:
    names = cast("list[str]", value) if isinstance(value, list) else [str(value)]
    return " ".join(names) or "nothing"
