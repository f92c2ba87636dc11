"""The keys of serializers: how they are collected, which come only sometimes, and which the code does not show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tools.drift.checkout import checkout
from tools.drift.evaluation import Evaluator, Includes, Serializer
from tools.drift.program import Program
from tools.drift.shapes import Items, JsonShape, Keyed

CLASS = """
module V1
  class TaxSerializer < ModelSerializer
    LIST = %i[owner].freeze

    def serialize
      {{lago_id: model.id}}
    end
  end

  class PlanSerializer < ModelSerializer
    {body}
  end

  class OwnerSerializer < ModelSerializer
    def serialize
      payload = {{name: model.name}}
      payload.merge!(pets) if include?(:pets)
      payload
    end

    private

    def pets
      {{pets: model.pets.map {{ |pet| {{kind: pet.kind}} }}}}
    end
  end
end
"""


def plan(body: str, tmp_path: Path, includes: Includes | None = None) -> Keyed:
    root = checkout(tmp_path, serializer=CLASS.format(body=body))
    program = Program(root, ["app/serializers"])
    shape = Evaluator(program).serialized(Serializer(program.classes["V1::PlanSerializer"], "", includes))
    assert program.unread == []
    assert isinstance(shape, Keyed)
    return shape


def keys(shape: JsonShape) -> Any:
    """Return a shape as plain data; the name of a key that comes only sometimes ends with a question mark."""
    if isinstance(shape, Keyed):
        return {f"{name}{'?' if key.sometimes else ''}": keys(key.shape) for name, key in shape.keys.items()}
    return [keys(shape.of)] if isinstance(shape, Items) else None


def serialize(expression: str, *, more: str = "") -> str:
    return f"def serialize\n{expression}\nend\n{more}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{a: 1, b: {c: model.c}}", {"a": None, "b": {"c": None}}),
        ("p = {a: 1}\np[:b] = 2\np[:c] = 3 if model.c\np", {"a": None, "b": None, "c?": None}),
        ("p = {a: 1}\np.merge!(b: 2)\np = p.merge(c: 3) if model.c\np", {"a": None, "b": None, "c?": None}),
        ("p = {a: 1, b: 2}\np.except(:a).merge(p.slice(:a))", {"b": None, "a": None}),
        ("{a: 1, **more}", {"a": None, "d": None}),
        ("{a: 1}.merge(more)", {"a": None, "d": None}),
        ("{a:}", {"a": {"d": None}}),
        ("{}.tap do |h|\nh[:a] = 1\nend", {"a": None}),
        ("if model.a\n{a: 1, b: 1}\nelse\n{a: 2}\nend", {"a": None, "b?": None}),
        ("return {a: 1} if model.a\n{b: 1}", {"a?": None, "b?": None}),
        ("p = {a: 1}\ncase model.b\nwhen 1\np[:b] = 1\nwhen 2\np[:c] = 1\nend\np", {"a": None, "b?": None, "c?": None}),
        ("{a: model.list.map { |x| {b: x} }}", {"a": [{"b": None}]}),
        ("{a: model.list.map { |x| item(x) }}", {"a": [{"e": None}]}),
        ("{a: model.x&.then { |x| {b: x} }}", {"a": {"b": None}}),
        ("{a: ::V1::TaxSerializer.new(model.tax).serialize}", {"a": {"lago_id": None}}),
        ("{a: TaxSerializer.new(model.tax).serialize.except(:lago_id)}", {"a": {}}),
        (
            "::CollectionSerializer.new(model.x, ::V1::TaxSerializer, collection_name: 'xs').serialize",
            {"xs": [{"lago_id": None}]},
        ),
        (
            "{a: ::CollectionSerializer.new(model.x, TaxSerializer, collection_name: name).serialize[:xs]}",
            {"a": [{"lago_id": None}]},
        ),
        ("{o: OwnerSerializer.new(model.o).serialize}", {"o": {"name": None}}),
        (
            "{o: OwnerSerializer.new(model.o, includes: %i[pets]).serialize}",
            {"o": {"name": None, "pets": [{"kind": None}]}},
        ),
        ("{a: model.a ? {b: 1} : nil}", {"a": {"b": None}}),
        ("@p ||= {a: 1}", {"a": None}),
    ],
)
def test_the_keys_are(body: str, expected: object, tmp_path: Path) -> None:
    more = 'def more = {d: 1}\ndef a = more\ndef item(x)\n{e: x}\nend\ndef name = "xs"'
    shape = plan(serialize(body, more=more), tmp_path)
    assert keys(shape) == expected
    assert not shape.gaps


INCLUDING = serialize(
    "p = {}\np.merge!(owner) if include?(:owner)\np[:tax] = 1 if include?(:tax) && model.tax\np",
    more="def owner\nwith = included_relations(:owner, default: %i[pets])\n"
    "{owner: OwnerSerializer.new(model.o, includes: with).serialize}\nend",
)


@pytest.mark.parametrize(
    ("includes", "expected"),
    [
        ({}, {}),
        ({"tax": {}}, {"tax?": None}),
        ({"owner": {}}, {"owner": {"name": None, "pets": [{"kind": None}]}}),
        ({"owner": {"toys": {}}}, {"owner": {"name": None}}),
        (None, {"owner?": {"name": None, "pets?": [{"kind": None}]}, "tax?": None}),
    ],
)
def test_relations_are_there_if_they_are_included(includes: Includes | None, expected: object, tmp_path: Path) -> None:
    assert keys(plan(INCLUDING, tmp_path, includes)) == expected


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("{a: 1}.merge(model.settings)", "keys of model.settings"),
        ("{a: 1}.merge(model.settings || {})", "keys of model.settings"),
        ("{a: 1, **model.settings}", "keys of model.settings"),
        ("{a: 1, model.name => 2}", "a key that is computed: model.name"),
        ("p = {a: 1}\np[model.name] = 2\np", "a key of p that is computed"),
    ],
)
def test_keys_that_the_code_does_not_show_are_reported(body: str, what: str, tmp_path: Path) -> None:
    shape = plan(serialize(body), tmp_path)
    assert {gap.what for gap in shape.gaps} == {what}
    assert {gap.path for gap in shape.gaps} == {"app/serializers/v1/tax_serializer.rb"}
    assert "a" in shape.keys


def test_a_serializer_that_calls_itself_ends(tmp_path: Path) -> None:
    assert keys(plan(serialize("{a: PlanSerializer.new(model.parent).serialize}"), tmp_path)) == {"a": None}


def test_super_means_the_method_of_the_base(tmp_path: Path) -> None:
    text = "module V1\nclass BigTaxSerializer < TaxSerializer\ndef serialize\nsuper.merge(big: true)\nend\nend\nend"
    program = Program(checkout(tmp_path, app__serializers__v1__big_tax_serializer=text), ["app/serializers"])
    shape = Evaluator(program).serialized(Serializer(program.classes["V1::BigTaxSerializer"], "", {}))
    assert {"lago_id", "rate", "big"} <= keys(shape).keys()
