"""The parameters and the JSON of actions: permitted names, parameters that are read, and the JSON of a success."""

from pathlib import Path
from typing import Any

import pytest

from tests.tools.drift.checkout import checkout
from tests.tools.drift.test_serializers import keys
from tools.drift.actions import ActionReader, Names, ServerAction
from tools.drift.program import Program
from tools.drift.routes import ServerRoute

CONTROLLER = """
module Api
  module V1
    class TaxesController < Api::BaseController
      include Listed

      ALLOWED = [:a, {{b: []}}].freeze
      before_action :find_shop, only: %i[show]

      def show
        {body}
      end

      private

      def find_shop
        @shop = Shop.find(params[:shop_code])
      end

      def names
        [:n, :o]
      end

      def resource_name
        "tax"
      end
    end
  end
end
"""

LISTED = """
module Listed
  def listed(filter: nil)
    taxes = Tax.where(params.permit(:currency))
    name = resource_name.pluralize
    render(json: ::CollectionSerializer.new(taxes, ::V1::TaxSerializer, collection_name: name, meta: 1))
  end
end
"""

FILTERS = "class TaxFilters\ndef self.from(params)\nnew(params[:group], params[:full])\nend\nend"


def read(body: str, tmp_path: Path) -> tuple[ServerAction, list[str]]:
    root = checkout(
        tmp_path,
        controller=CONTROLLER.format(body=body),
        app__controllers__concerns__listed=LISTED,
        app__models__tax_filters=FILTERS,
    )
    reader = ActionReader(Program(root, ["app/controllers", "app/serializers"]))
    action = reader.read(ServerRoute("GET", "/api/v1/shops/{shop_code}/taxes/{code}", "api/v1/taxes", "show", 1))
    assert action is not None
    return action, [each.what for each in reader.unread]


def plain(names: Names) -> Any:
    return {name: plain(taken.parts) or taken.kind for name, taken in names.items()}


@pytest.mark.parametrize(
    ("body", "bare", "enveloped"),
    [
        ("params[:a] || params[:code]", {"a": "value"}, {}),
        (
            "params.permit(:a, b: [], c: {}, d: [:e, {f: []}])",
            {"a": "value", "b": "list", "c": "map", "d": {"e": "value", "f": "list"}},
            {},
        ),
        ("params.permit(*ALLOWED)", {"a": "value", "b": "list"}, {}),
        ("params.permit(names)", {"n": "value", "o": "value"}, {}),
        ("params.permit(x: names)", {"x": {"n": "value", "o": "value"}}, {}),
        ("params.require(:tax).permit(:a).to_h.symbolize_keys", {}, {"tax": {"a": "value"}}),
        ("params.expect(tax: [:a, b: [[:c]]])", {}, {"tax": {"a": "value", "b": {"c": "value"}}}),
        (
            "params.require(:tax).permit(:a)\nparams[:tax][:b]\nparams.dig(:tax, :c)",
            {},
            {"tax": {"a": "value", "b": "value", "c": "value"}},
        ),
        ("params.fetch(:a, {}).permit!", {"a": "value"}, {}),
        ("if params[:a]\nparams[:b]\nelse\nparams[:c]\nend", {"a": "value", "b": "value", "c": "value"}, {}),
        ("Query.call(filters: {a: params[:a]}, page: {p: params[:page] || 1})", {"a": "value", "page": "value"}, {}),
        ("TaxFilters.from(params)", {"group": "value", "full": "value"}, {}),
        ("ApplicationRecord.on(:x) do\nparams[:a]\nend", {"a": "value"}, {}),
        ("listed(filter: params[:a])", {"a": "value", "currency": "value"}, {}),
    ],
)
def test_it_takes(body: str, bare: object, enveloped: object, tmp_path: Path) -> None:
    action, unread = read(body, tmp_path)
    assert plain(action.bare) == bare  # without those of the path: shop_code and code
    assert {root: plain(names) for root, names in action.enveloped.items()} == enveloped
    assert unread == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("render(json: ::V1::TaxSerializer.new(t, root_name: 'tax'))", {"tax"}),
        ("render(json: ::V1::TaxSerializer.new(t, root_name: resource_name))", {"tax"}),
        ("render(json: {tax: {a: 1}})", {"tax"}),
        ("listed", {"taxs", "meta"}),
        ("if x\nrender(json: {error: 1}, status: :bad_request)\nelse\nrender(json: {ok: 1}, status: :ok)\nend", {"ok"}),
        ("return render(json: {a: 1}) if x\nhead(:ok)", {"a"}),
        ("head(:ok)", set()),
    ],
)
def test_it_renders(body: str, expected: set[str], tmp_path: Path) -> None:
    action, unread = read(body, tmp_path)
    assert (set() if action.renders is None else keys(action.renders).keys()) == expected
    assert unread == []


def test_plain_text_is_not_json(tmp_path: Path) -> None:
    assert read("render(plain: key)", tmp_path)[0].text


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("params[x]", "a parameter that is computed: params.[]"),
        ("params.permit(x.y)", "permitted names that are computed: x.y"),
        ("params.values_at(:a)", "parameters: values_at"),
        ("Elsewhere.take(params)", "parameters that Elsewhere.take takes"),
        ("render(json: ::V1::TaxSerializer.new(t, root_name: t.kind))", "a root that is computed: t.kind"),
        (
            "render(json: ::CollectionSerializer.new(t, t.serializer, collection_name: 'a'))",
            "a list with an unknown serializer",
        ),
        (
            "render(json: ::V1::TaxSerializer.new(t, root_name: 'tax', includes: t.all))",
            "includes that are computed: t.all",
        ),
    ],
)
def test_what_is_not_understood_is_reported(body: str, what: str, tmp_path: Path) -> None:
    assert read(body, tmp_path)[1] == [what]


def test_a_route_without_a_method_is_reported(tmp_path: Path) -> None:
    reader = ActionReader(Program(checkout(tmp_path), ["app/controllers"]))
    assert reader.read(ServerRoute("GET", "/api/v1/taxes/x", "api/v1/taxes", "nothing", 7)) is None
    assert [str(each) for each in reader.unread] == ["config/routes.rb:7: no method api/v1/taxes#nothing"]
