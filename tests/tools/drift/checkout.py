"""A small checkout of a server that does not exist, written for these tests."""

from pathlib import Path

ROUTES = """
Rails.application.routes.draw do
  namespace :api do
    namespace :v1 do
      resources :taxes, param: :code, code: /.*/
      %s
    end
  end
end
"""

TAXES = """
module Api
  module V1
    class TaxesController < Api::BaseController
      def index
        taxes = Tax.page(params[:page]).per(params[:per_page] || 100)
        render(json: ::CollectionSerializer.new(taxes, ::V1::TaxSerializer, collection_name: "taxes", meta: {}))
      end

      def show
        tax = Tax.find_by(code: params[:code])
        return not_found_error(resource: "tax") unless tax

        render_tax(tax)
      end

      def create
        render_tax(Tax.create(input_params))
      end

      def update
        render_tax(Tax.find(params[:code]).update(input_params))
      end

      def destroy
        render_tax(Tax.destroy(params[:code]))
      end

      private

      def input_params
        params.require(:tax).permit(:name, :code, :description, :rate, :applied_to_organization)
      end

      def render_tax(tax)
        render(json: ::V1::TaxSerializer.new(tax, root_name: "tax"))
      end
    end
  end
end
"""

SERIALIZER = """
module V1
  class TaxSerializer < ModelSerializer
    def serialize
      {
        lago_id: model.id, name: model.name, code: model.code, rate: model.rate, description: model.description,
        applied_to_organization: model.applied_to_organization, add_ons_count: 0, customers_count: 0, plans_count: 0,
        charges_count: 0, commitments_count: 0, applied_to_billing_entities_codes: model.codes,
        created_at: model.created_at.iso8601
      }
    end
  end
end
"""


def checkout(
    root: Path, *, routes: str = "", controller: str = TAXES, serializer: str = SERIALIZER, **more: str
) -> Path:
    """Write a checkout and return its root; ``more`` are files by their path with ``__`` for ``/``."""
    contents = {
        "config/routes.rb": ROUTES % routes,
        "app/controllers/api/base_controller.rb": "module Api\n class BaseController < Application\n end\nend",
        "app/controllers/api/v1/taxes_controller.rb": controller,
        "app/serializers/v1/tax_serializer.rb": serializer,
        **{f"{name.replace('__', '/')}.rb": text for name, text in more.items()},
    }
    for name, text in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
