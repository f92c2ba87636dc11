"""Every input has a typed dictionary with its fields, every row takes it, and no program loads it unless it asks."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

import lago_async
from lago_async import ENDPOINTS, models
from lago_async._plain_json import is_input, is_model
from lago_async.models import input_dicts
from tools.generate import input_dicts as generator

INPUTS = {name: found for name in dir(models) if is_model(found := getattr(models, name)) and is_input(found)}


def test_every_input_has_a_typed_dictionary_with_the_same_fields_in_the_same_order() -> None:
    assert {f"{name}Dict" for name in INPUTS} == set(input_dicts.__all__)
    for name, model in INPUTS.items():
        typed = getattr(input_dicts, f"{name}Dict")
        assert list(typed.__annotations__) == [field.name for field in attrs.fields(model)], name
        required = {key for key, hint in typed.__annotations__.items() if hint.__forward_arg__.startswith("Required[")}
        assert required == {field.name for field in attrs.fields(model) if field.default is attrs.NOTHING}, name


def test_every_row_with_a_model_for_its_body_takes_the_typed_dictionary_too() -> None:
    for row in ENDPOINTS.rows:
        for parameter in inspect.signature(row.function).parameters.values():
            annotation = "" if parameter.annotation is parameter.empty else str(parameter.annotation)
            names = {node.id for node in ast.walk(ast.parse(annotation)) if isinstance(node, ast.Name)}
            inputs = names & INPUTS.keys()
            assert {f"{name}Dict" for name in inputs} <= names, row.name
            assert not (inputs and "object" in names), row.name


def test_a_row_is_compiled_without_the_dictionaries() -> None:
    code = (
        "import sys\nfrom lago_async import ENDPOINTS\n"
        "endpoint = ENDPOINTS['create_customer']\n"
        "endpoint.encode(({'external_id': 'cus_1', 'shipping_address': {'city': 'Paris'}},), {})\n"
        "print('lago_async.models.input_dicts' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True, timeout=60) == "False\n"


def test_the_dictionaries_are_public_in_both_packages() -> None:
    assert lago_async.CustomerInputDict is input_dicts.CustomerInputDict


@pytest.mark.parametrize(
    ("hint", "typed"),
    [
        ("str", "str"),
        ("str | None | UnsetType", "str | None"),
        ("Decimal | None | UnsetType", "Decimal | int | float | str | None"),
        ("int | Decimal", "int | Decimal | float | str"),
        ("Timestamp | UnsetType", "Timestamp | str"),
        ("list[str] | UnsetType", "list[str] | tuple[str, ...]"),
        ("list[Open[Kind]] | None", "list[str] | list[Open[Kind]] | tuple[str, ...] | None"),
        ("list[TaxInput]", "Sequence[TaxInput | TaxInputDict]"),
        ("dict[str, Json] | None", "Mapping[str, object] | None"),
        ("dict[str, list[str]]", "Mapping[str, list[str] | tuple[str, ...]]"),
        ("TaxInput | UnsetType", "TaxInput | TaxInputDict"),
    ],
)
def test_a_mapping_may_have_what_the_writer_takes(hint: str, typed: str) -> None:
    assert generator._hint(ast.parse(hint, mode="eval").body, {"TaxInput"}) == typed


def test_an_input_with_a_base_class_is_refused_until_the_generator_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "more.py"
    source.write_text("@input_model\nclass MoreInput(TaxInput):\n    name: str\n")
    monkeypatch.setattr(generator, "sources", lambda: [source])
    with pytest.raises(SystemExit, match="MoreInput has a base class"):
        generator.names()
