"""The command: a small server and a small description against the table, the models and the contract."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

from lago_async import ENDPOINTS
from lago_async.models import PaymentProviderError, Tax
from tests.contract.test_make_contract import DOCUMENT
from tests.tools.drift.checkout import SERIALIZER, TAXES, checkout
from tools.contract import files
from tools.contract.description import description
from tools.drift import findings
from tools.drift.__main__ import main
from tools.drift.comparison import SENDS, SENDS_NOT, SOMETIMES
from tools.drift.findings import Drift
from tools.drift.newer_description import compare_descriptions
from tools.drift.server import ServerDrift


def of_taxes(root: Path) -> tuple[ServerDrift, dict[str, Drift]]:
    """Return the drift of a checkout, without the rows and the webhooks that it does not have."""
    server = ServerDrift(root)
    lacks = ("the table has it, and the server has not", "the server does not send it")
    return server, {drift.key: drift for drift in server.drifts if drift.says not in lacks}


def test_a_server_that_fits_has_only_the_other_verbs_of_updates(tmp_path: Path) -> None:
    server, found = of_taxes(checkout(tmp_path))
    assert found == {}
    assert [f"{twin.verb} {twin.path}" for twin in server.twins] == ["PATCH /api/v1/taxes/{code}"]
    missing = {drift.at for drift in server.drifts if drift.side == "routes"}
    assert missing == {row.name for row in ENDPOINTS.rows if row.resource != "taxes"}
    assert {drift.place for drift in server.drifts if drift.side == "webhooks"} >= {"invoice.created", "fee.created"}


def test_a_new_route_is_an_operation_of_the_contract(tmp_path: Path) -> None:
    bells = """module Api
      module V1
        class BellsController < Api::BaseController
          def index
            bells = Bell.where(key: params[:key])
            render(json: ::CollectionSerializer.new(bells, ::V1::BellSerializer, collection_name: "bells", meta: 1))
          end

          def ring
            bell = Bell.ring(params.require(:bell).permit(:volume, tones: []))
            render(json: ::V1::BellSerializer.new(bell, root_name: "bell"))
          end
        end
      end
    end"""
    serializer = """module V1
      class BellSerializer < ModelSerializer
        def serialize
          {lago_id: model.id, rung_at: model.rung_at&.iso8601, tax: ::V1::TaxSerializer.new(model.tax).serialize}
        end
      end
    end"""
    root = checkout(
        tmp_path,
        routes="resources :bells, only: %i[index] do\n post :ring, on: :member\n end",
        app__controllers__api__v1__bells_controller=bells,
        app__serializers__v1__bell_serializer=serializer,
    )
    _, found = of_taxes(root)
    first, second = found.values()
    assert (first.key, first.at) == (
        "GET /api/v1/bells: the server has it, and the table lacks it",
        "config/routes.rb:6",
    )
    assert first.file == "bells"
    bell = {"lago_id": {"type": "uuid"}, "rung_at": {"type": "datetime"}, "tax": {"type": "ref:TaxObject"}}
    assert first.facts == {
        "operations": {
            "find_all_bells": {
                "method": "GET",
                "path": "/bells",
                "query": {"key": {"type": "string", "required": False}},
                "request": None,
                "response": {
                    "kind": "list",
                    "root": "bells",
                    "paginated": True,
                    "schema": "object",
                    "fields": {"bells": {"type": "array<object>", "fields": bell}},
                },
                "errors": ["401"],
                "server_only": True,
            }
        }
    }
    ring = second.facts["operations"]["ring_bell"]
    volume = {"volume": {"type": "string", "required": False}, "tones": {"type": "array<string>", "required": False}}
    assert ring["request"] == {"schema": "object", "root": "bell", "required": True, "fields": volume}


def test_new_fields_are_told_with_their_place_in_the_contract(tmp_path: Path) -> None:
    controller = TAXES.replace(":rate,", ":rate, :shade,").replace("params[:page]", "params[:page], params[:shade]")
    serializer = SERIALIZER.replace("rate: model.rate,", "valid_from: model.valid_from.iso8601,")
    _, found = of_taxes(checkout(tmp_path, controller=controller, serializer=serializer))
    assert {key: (drift.file, drift.facts) for key, drift in found.items()} == {
        "find_all_taxes.query.shade: the server takes it, and it is missing here": (
            "taxes",
            {
                "operations": {
                    "find_all_taxes": {"query": {"shade": {"type": "string", "required": False, "server_only": True}}}
                }
            },
        ),
        "TaxInput.shade: the server takes it, and it is missing here": (
            "taxes",
            {"objects": {"TaxBaseInput": {"fields": {"shade": {"type": "string", "server_only": True}}}}},
        ),
        "TaxUpdateInput.shade: the server takes it, and it is missing here": (
            "taxes",
            {"objects": {"TaxBaseInput": {"fields": {"shade": {"type": "string", "server_only": True}}}}},
        ),
        "Tax.valid_from: the server sends it, and the model lacks it": (
            "taxes",
            {"objects": {"TaxObject": {"fields": {"valid_from": {"type": "date", "server_only": True}}}}},
        ),
        "Tax.rate: the model has it, and the server never sends it": (
            "taxes",
            {"objects": {"TaxObject": {"fields": {"rate": {"spec_only": True}}}}},
        ),
    }


def test_a_field_that_only_some_responses_have_is_told_if_the_model_always_has_it(tmp_path: Path) -> None:
    counted = SERIALIZER.replace("plans_count: 0,", "").replace(
        "created_at: model.created_at.iso8601\n      }", "created_at: model.created_at.iso8601\n      }.merge(counts)"
    )
    counts = "def counts\n include?(:plans) ? {plans_count: 0} : {}\n end\n"
    some = counted.replace("  def serialize", f"  {counts}  def serialize")
    serializer = 'V1::TaxSerializer.new(tax, root_name: "tax"'
    controller = TAXES.replace(f"::{serializer})", f"::{serializer}, includes: %i[plans])")
    _, found = of_taxes(checkout(tmp_path / "some", controller=controller, serializer=some))
    assert {key: drift.facts for key, drift in found.items()} == {
        f"Tax.plans_count: {SOMETIMES}": {"objects": {"TaxObject": {"fields": {"plans_count": {"conditional": True}}}}}
    }
    _, never = of_taxes(checkout(tmp_path / "never", serializer=some))
    assert [drift.says for drift in never.values()] == [SENDS_NOT]


def test_fields_that_the_server_ignores_are_told(tmp_path: Path) -> None:
    _, found = of_taxes(checkout(tmp_path, controller=TAXES.replace(":rate,", "").replace("params[:per_page] || ", "")))
    assert found.keys() == {
        "TaxInput.rate: it is sent, and the server ignores it",
        "TaxUpdateInput.rate: it is sent, and the server ignores it",
        "find_all_taxes.query.per_page: it is sent, and the server ignores it",
    }


def test_code_that_is_not_understood_is_told_and_hides_nothing(tmp_path: Path) -> None:
    broken = checkout(
        tmp_path, serializer=SERIALIZER.replace("{\n", "model.more.merge(\n", 1), app__serializers__x="for a in b\nend"
    )
    _, found = of_taxes(broken)
    assert {key for key, drift in found.items() if drift.side == "unread"} == {
        "app/serializers/v1/tax_serializer.rb: ')' expected, not '}'",
        "app/serializers/x.rb: unknown: 'for'",
        "app/controllers/api/v1/taxes_controller.rb: a list with an unknown serializer",
    }


WEBHOOK = """
module Webhooks
  class {name}Service < Webhooks::BaseService
    def object_serializer
      ::V1::TaxSerializer.new(object, root_name: object_type, includes: %i[{includes}])
    end

    def webhook_type
      {type}
    end

    def object_type
      "fee"
    end
  end
end
"""


def test_webhooks_are_compared_by_their_type_and_by_what_they_carry(tmp_path: Path) -> None:
    kinds = {
        "A": ('"fee.created"', ""),
        "B": ('"fee.rang"', "customer"),
        "C": ('"invoice.generated"', "customer fees"),
        "D": ('"fee.#{kind}"', ""),
    }
    texts = {
        f"app__services__webhooks__{name.lower()}_service": WEBHOOK.format(name=name, type=kind, includes=includes)
        for name, (kind, includes) in kinds.items()
    }
    _, found = of_taxes(checkout(tmp_path, **texts))
    assert {key: drift.facts for key, drift in found.items()} == {
        "fee.rang: the server sends it, and the contract lacks it": {
            "webhooks": {"fee.rang": {"object_type": "fee", "includes": ["customer"], "server_only": True}}
        },
        "invoice.generated: object_type is invoice, and fee on the server": {
            "webhooks": {"invoice.generated": {"object_type": "fee"}}
        },
        "invoice.generated: includes is customer, and customer fees on the server": {
            "webhooks": {"invoice.generated": {"includes": ["customer", "fees"]}}
        },
        "app/services/webhooks/d_service.rb: a type of webhook that is computed": {},
    }


def test_an_object_of_webhooks_is_compared_with_the_model_that_has_most_of_its_keys(
    tmp_path: Path,
) -> None:
    model: Any = PaymentProviderError
    *most, last = (field.name for field in attrs.fields(model))
    keys = ", ".join(f"{name}: model.{name}" for name in [*most, "mood"])
    serializer = f"module V1\nclass OopsSerializer < ModelSerializer\ndef serialize\n{{{keys}}}\nend\nend\nend"
    webhook = WEBHOOK.format(name="A", type='"fee.created"', includes="").replace("TaxSerializer", "OopsSerializer")
    root = checkout(
        tmp_path, app__serializers__v1__oops_serializer=serializer, app__services__webhooks__a_service=webhook
    )
    _, found = of_taxes(root)
    assert [str(drift) for drift in found.values()] == [
        f"PaymentProviderError.mood: {SENDS} (app/serializers/v1/oops_serializer.rb:4)",
        f"PaymentProviderError.{last}: the model has it, and the server never sends it",
    ]


def test_a_field_that_a_webhook_lacks_is_told_if_the_model_always_has_it(tmp_path: Path) -> None:
    model: Any = Tax
    keys = ", ".join(f"{field.name}: model.{field.name}" for field in attrs.fields(model) if field.name != "rate")
    serializer = f"module V1\nclass OopsSerializer < ModelSerializer\ndef serialize\n{{{keys}}}\nend\nend\nend"
    webhook = WEBHOOK.format(name="A", type='"fee.created"', includes="").replace("TaxSerializer", "OopsSerializer")
    root = checkout(
        tmp_path, app__serializers__v1__oops_serializer=serializer, app__services__webhooks__a_service=webhook
    )
    _, found = of_taxes(root)
    assert {(key, drift.side) for key, drift in found.items()} == {(f"Tax.rate: {SOMETIMES}", "webhooks")}


# --- the description --------------------------------------------------------------------------------------------------


def changed(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the small description with other schemas."""
    document: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    document["components"]["schemas"] |= changes
    return document


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    older, overlay = tmp_path / "description", tmp_path / "overlay"
    files.write(older, description(DOCUMENT))
    known = {"objects": {"Nothing": {"fields": {"color": {"type": "string", "server_only": True}}}}}
    files.write(overlay, {"shared": known})
    return older, overlay


def compare(document: Mapping[str, Any], folders: tuple[Path, Path]) -> dict[str, Any]:
    path = folders[0].parent / "openapi.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps(document))), encoding="utf-8")
    return {drift.key: drift.facts for drift in compare_descriptions(path, *folders)}


def test_the_same_description_has_no_drift(folders: tuple[Path, Path]) -> None:
    assert compare(DOCUMENT, folders) == {}


def test_what_a_newer_description_changes_is_told(folders: tuple[Path, Path]) -> None:
    string = {"type": "string"}
    newer = changed(
        {
            "Nothing": {"required": ["code"], "properties": {"code": string, "color": string}},
            "Currency": {"type": "string", "enum": ["EUR", "USD"]},
            "Bell": {"properties": {"tone": string}},
        }
    )
    newer["paths"]["/bells"] = {"get": {"tags": ["bells"], "operationId": "findBell", "responses": {"204": {}}}}
    found = compare(newer, folders)
    assert found["operations find_bell: the newer description has it"]["operations"]["find_bell"]["path"] == "/bells"
    assert found["objects Bell: the newer description has it"]["objects"]["Bell"]["fields"]["tone"]["type"] == "string"
    assert "objects Nothing.code.required: False is True in the newer description" in found
    assert "objects Nothing.color: the newer description has it; the overlay has it already: remove it there" in found
    assert "enums Currency: the newer description adds USD" in found


def test_what_a_newer_description_drops_is_told(folders: tuple[Path, Path]) -> None:
    assert set(compare(changed({"Nothing": {"properties": {"name": {"type": "string"}}}}), folders)) == {
        "objects Nothing.code: the newer description lacks it",
        "objects Nothing.name: the newer description has it",
    }


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    """Return a list of reviewed differences that has all rows that the small server does not have."""
    server = ServerDrift(checkout(tmp_path / "fits"))
    path = tmp_path / "reviewed.toml"
    with path.open("w", encoding="utf-8") as file:
        for side in ("routes", "webhooks"):
            keys = [drift.key for drift in server.drifts if drift.side == side]
            file.write(f'[[{side}]]\nreason = "a small server"\nat = {json.dumps(keys)}\n')
    return path


def test_the_command_prints_the_twins_and_nothing_else(
    tmp_path: Path, lists: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--server", str(tmp_path / "fits"), "--reviewed", str(lists)]) == 0
    known = sum(map(len, findings.reviewed(lists).values()))
    assert capsys.readouterr().out.splitlines() == [
        "The server has 6 routes below /api.",
        "1 of them are the other verb of an update. Rails makes two, and the table has one:",
        "  PATCH /api/v1/taxes/{code}",
        "",
        f"No new differences; {known} are reviewed.",
    ]


def test_the_command_fails_for_a_new_difference_and_names_reviewed_ones_that_are_gone(
    tmp_path: Path, lists: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with lists.open("a", encoding="utf-8") as file:
        file.write('[[responses]]\nreason = "old"\nat = ["Tax.gone: the server sends it, and the model lacks it"]\n')
    serializer = SERIALIZER.replace("rate: model.rate", "rate: model.rate, shade: model.shade")
    root = checkout(tmp_path / "new", serializer=serializer)
    assert main(["--server", str(root), "--reviewed", str(lists)]) == 1
    out = capsys.readouterr().out
    at = "app/serializers/v1/tax_serializer.rb:6"
    assert f"Fields of responses:\n  Tax.shade: the server sends it, and the model lacks it ({at})\n" in out
    assert '\ntaxes.json\n{\n  "objects": {\n    "TaxObject": {\n' in out
    assert '"shade": {"type": "string", "server_only": true}' in out
    assert "remove it from tools/drift/reviewed.toml:\n  responses: Tax.gone" in out
    assert "1 new difference; " in out


def test_the_command_says_what_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "name a checkout of the server" in capsys.readouterr().err
    assert main(["--server", str(tmp_path)]) == 2
    assert "is not a checkout of the server: it has no config/routes.rb" in capsys.readouterr().err
    (tmp_path / "openapi.yaml").write_text("a: 1", encoding="utf-8")
    assert main(["--description", str(tmp_path / "openapi.yaml")]) == 2
    assert "is not a description" in capsys.readouterr().err


def test_the_page_shows_as_many_reviewed_differences_as_there_are() -> None:
    page = (Path(__file__).parents[3] / "docs" / "contributing.md").read_text(encoding="utf-8")
    shown = re.findall(r"new differences; (\d+) are reviewed", page)
    assert set(shown) == {str(sum(map(len, findings.reviewed().values())))}


def test_the_reviewed_list_gives_a_reason_for_each_difference() -> None:
    known = findings.reviewed()
    assert all(reason for places in known.values() for reason in places.values())
    assert any(known.values())
    assert not known["routes"]
