"""The reader of routes: which verbs and paths a statement makes, and which statements it refuses."""

import pytest

from tools.drift.routes import RouteReader, ServerRoute
from tools.drift.ruby.parser import parse


def read(inside: str) -> RouteReader:
    reader = RouteReader("config/routes.rb")
    body = f"namespace :api do\nnamespace :v1 do\n{inside}\nend\nend"
    reader.read(parse(f"Rails.application.routes.draw do\n{body}\nend"))
    return reader


def routes(inside: str) -> list[str]:
    reader = read(inside)
    assert reader.unread == []
    return [
        f"{route.verb} {route.below} {route.controller.removeprefix('api/v1/')}#{route.action}"
        for route in reader.routes
    ]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "resources :books",
            [
                "GET /books books#index",
                "POST /books books#create",
                "GET /books/{id} books#show",
                "PUT /books/{id} books#update",
                "PATCH /books/{id} books#update",
                "DELETE /books/{id} books#destroy",
            ],
        ),
        ("resources :books, only: %i[show], param: :code", ["GET /books/{code} books#show"]),
        ("resources :books, except: [:create, :update, :destroy, :show]", ["GET /books books#index"]),
        ("resources :books, only: [] do\n get :cover\nend", ["GET /books/{book_id}/cover books#cover"]),
        ("resources :books, only: [], param: :code do\n get :cover\nend", ["GET /books/{book_code}/cover books#cover"]),
        ("resources :books, only: [] do\n post :burn, on: :member\nend", ["POST /books/{id}/burn books#burn"]),
        (
            "resources :books, only: [] do\n post :burn, on: :collection, action: :burn_all\nend",
            ["POST /books/burn books#burn_all"],
        ),
        (
            "resources :books, only: [] do\n collection do\n delete '/', action: :burn_all\n end\nend",
            ["DELETE /books books#burn_all"],
        ),
        ("resources :books, only: [] do\n member do\n get :cover\n end\nend", ["GET /books/{id}/cover books#cover"]),
        (
            "resources :books, only: [] do\n resources :pages, only: %i[show], controller: 'books/pages'\nend",
            ["GET /books/{book_id}/pages/{id} books/pages#show"],
        ),
        (
            "resources :stories, only: [] do\n scope module: :stories do\n resources :pages, only: :index\n end\nend",
            ["GET /stories/{story_id}/pages stories/pages#index"],
        ),
        (
            "resources :books, only: [] do\n resource :cover, only: %i[show]\nend",
            ["GET /books/{book_id}/cover covers#show"],
        ),
        (
            "resource :metadata, only: %i[destroy] do\n delete ':key', action: :destroy_key, on: :member\nend",
            ["DELETE /metadata metadata#destroy", "DELETE /metadata/{key} metadata#destroy_key"],
        ),
        ("get '/books/:code/cover', to: 'covers#show'", ["GET /books/{code}/cover covers#show"]),
        ("namespace :shop do\n get :sales, to: 'sales#index', as: :sales\nend", ["GET /shop/sales shop/sales#index"]),
        ("if ENV['X']\n get :a, to: 'a#b'\nend", ["GET /a a#b"]),
        ("resources :books, :pages, only: %i[index]", ["GET /books books#index", "GET /pages pages#index"]),
    ],
)
def test_a_statement_makes_these_routes(statement: str, expected: list[str]) -> None:
    assert routes(statement) == expected


@pytest.mark.parametrize(
    "statement",
    [
        "concern :burnable",
        "resources :books, shallow: true",
        "get 'a' => 'b#c'",
        "devise_for :users",
        "a.b",
        "draw(:more)",
        "scope '/a' do\nend",
        "get :a, :b, to: 'c#d'",
        "match 'a', to: 'b#c'",
    ],
)
def test_a_statement_that_is_not_understood_is_reported_with_its_line(statement: str) -> None:
    (unread,) = read(statement).unread
    assert (unread.path, unread.line) == ("config/routes.rb", 4)
    assert unread.what.startswith("route: ")


def test_the_catch_all_and_mounted_applications_are_no_routes() -> None:
    reader = RouteReader("routes.rb")
    reader.read(parse("X.routes.draw do\nmount A, at: '/b'\nmatch '*all' => 'c#d', :via => %i[get]\nend"))
    assert (reader.routes, reader.unread) == ([], [])


def test_routes_of_another_version_and_with_other_names_of_parameters_are_compared_by_their_shape() -> None:
    one = ServerRoute("GET", "/api/v2/books/{code}", "api/v2/books", "show", 1)
    other = ServerRoute("GET", "/api/v2/books/{id}", "", "", 2)
    assert one.shape == other.shape == ("v2", "GET", "/books/{}")
