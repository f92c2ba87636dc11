"""The tool that makes the contract: a description as facts, and an overlay over them."""

from typing import Any

import pytest

from tools.contract import files
from tools.contract.description import description, snake
from tools.contract.overlay import OverlayError, contract

BOOK = {
    "required": ["code"],
    "properties": {
        "code": {"type": "string", "description": "Prose.", "example": "b"},
        "lago_id": {"type": "string", "format": "uuid"},
        "price": {"type": ["string", "null"], "pattern": "^[0-9]+.?[0-9]*$"},
        "kind": {"type": "string", "enum": ["new", "old", None], "deprecated": True},
        "authors": {"type": "array", "items": {"properties": {"name": {"type": "string"}}}},
        "labels": {"$ref": "#/components/schemas/Labels"},
        "currency": {"allOf": [{"$ref": "#/components/schemas/Currency"}, {"description": "Prose."}]},
        "number": {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
    },
}
SCHEMAS = {
    "BookObject": BOOK,
    "Book": {"required": ["book"], "properties": {"book": {"$ref": "#/components/schemas/BookObject"}}},
    "BooksPaginated": {
        "properties": {
            "books": {"type": "array", "items": {"$ref": "#/components/schemas/BookObject"}},
            "meta": {"$ref": "#/components/schemas/Meta"},
        }
    },
    "BookInput": {
        "properties": {"book": {"allOf": [{"$ref": "#/components/schemas/BookObject"}, {"required": ["kind"]}]}}
    },
    "Labels": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
    "Currency": {"type": "string", "enum": ["EUR"]},
    "Meta": {"properties": {"next_page": {"type": "integer"}}},
    "Nothing": {"properties": {"code": {"type": "string"}}},
}


def body(name: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


DOCUMENT: dict[str, Any] = {
    "servers": [{"url": "https://books"}],
    "components": {"schemas": SCHEMAS},
    "paths": {
        "/books": {
            "get": {
                "tags": ["books"],
                "operationId": "findAllBooks",
                "summary": "Prose.",
                "parameters": [{"name": "currency", "in": "query", "schema": {"type": "string", "enum": ["EUR"]}}],
                "responses": {"200": body("BooksPaginated"), "422": {}, "401": {}},
            },
            "post": {
                "tags": ["books"],
                "operationId": "createBook",
                "requestBody": {"required": True, **body("BookInput")},
                "responses": {"200": body("Book")},
            },
        },
        "/books/{code}": {
            "parameters": [{"name": "code", "in": "path"}],
            "delete": {
                "tags": ["books"],
                "operationId": "destroyBook",
                "responses": {"200": {"description": "Prose."}},
            },
        },
        "/shelves/{id}": {"get": {"tags": ["shelves"], "operationId": "findShelf", "responses": {"200": body("Meta")}}},
    },
    "webhooks": {
        "book_sold": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "properties": {
                                    "webhook_type": {"enum": ["book.sold"]},
                                    "object_type": {"enum": ["book"]},
                                }
                            }
                        }
                    }
                }
            }
        }
    },
}


def test_a_description_is_boiled_down_to_facts_by_tag() -> None:
    found = description(DOCUMENT)
    assert found["books"]["operations"] == {
        "find_all_books": {
            "method": "GET",
            "path": "/books",
            "query": {"currency": {"type": "string", "required": False, "enum": ["EUR"]}},
            "request": None,
            "response": {"kind": "list", "root": "books", "paginated": True, "schema": "ref:BooksPaginated"},
            "errors": ["401", "422"],
        },
        "create_book": {
            "method": "POST",
            "path": "/books",
            "query": {},
            "request": {"schema": "ref:BookInput", "root": "book", "required": True},
            "response": {"kind": "object", "root": "book", "paginated": False, "schema": "ref:Book"},
            "errors": [],
        },
        "destroy_book": {
            "method": "DELETE",
            "path": "/books/{code}",
            "query": {},
            "request": None,
            "response": {"kind": "empty", "root": None, "paginated": False, "schema": None},
            "errors": [],
        },
    }
    assert found["webhooks"] == {"webhooks": {"book.sold": {"object_type": "book"}}}
    assert found["shared"]["servers"] == ["https://books"]
    assert found["shared"]["enums"] == {"Currency": ["EUR"]}


def test_the_fields_of_a_description_keep_names_types_and_what_may_be_null() -> None:
    objects = description(DOCUMENT)["books"]["objects"]
    fields = {
        "code": {"type": "string", "required": True},
        "lago_id": {"type": "uuid", "required": False},
        "price": {"type": "decimal", "required": False, "nullable": True},
        "kind": {"type": "string", "required": False, "enum": ["new", "old"], "deprecated": True},
        "authors": {
            "type": "array<object>",
            "required": False,
            "fields": {"name": {"type": "string", "required": False}},
        },
        "labels": {"type": "map<string|null>", "required": False},
        "currency": {"type": "ref:Currency", "required": False},
        "number": {"type": "integer|string", "required": False, "nullable": True},
    }
    assert objects["BookObject"] == {"fields": fields}
    inherited = {**fields, "kind": {**fields["kind"], "required": True}}
    assert objects["BookInput"]["fields"]["book"] == {"type": "object", "required": False, "fields": inherited}


def test_an_object_is_with_the_only_tag_that_shows_it_or_whose_name_it_has_or_else_shared() -> None:
    found = description(DOCUMENT)
    homes = {name: tag for tag, facts in found.items() for name in facts.get("objects", {})}
    assert homes == {
        **dict.fromkeys(["Book", "BookInput", "BookObject", "BooksPaginated"], "books"),
        "Meta": "shared",  # a page of books has it, and a shelf
        "Nothing": "shared",
    }


@pytest.mark.parametrize(
    ("name", "expected"), [("findAllMrrs", "find_all_mrrs"), ("generateCheckoutURL", "generate_checkout_url")]
)
def test_operations_are_named_in_snake_case(name: str, expected: str) -> None:
    assert snake(name) == expected


# --- the overlay ------------------------------------------------------------------------------------------------------


def over(**facts: Any) -> dict[str, Any]:
    """Return the books of the contract, with an overlay."""
    return contract(description(DOCUMENT), {"books": facts})["books"]


def fields(**marks: Any) -> dict[str, Any]:
    return {"BookObject": {"fields": marks}}


def test_a_mark_is_added_and_a_fact_is_replaced() -> None:
    made = over(
        objects=fields(code={"nullable": True, "required": False}),
        operations={"destroy_book": {"response": {"kind": "object", "root": "book", "schema": "ref:Book"}}},
    )
    assert made["objects"]["BookObject"]["fields"]["code"] == {"type": "string", "required": False, "nullable": True}
    assert made["objects"]["BookObject"]["fields"]["price"]["type"] == "decimal"
    assert made["operations"]["destroy_book"]["response"] == {
        "kind": "object",
        "root": "book",
        "paginated": False,
        "schema": "ref:Book",
    }


def test_an_operation_an_object_a_field_and_a_tag_need_no_description() -> None:
    pages = {"type": "integer", "server_only": True}
    page = {"server_only": True, "fields": {"number": {"type": "integer", "required": True}}}
    turn = {"method": "POST", "path": "/pages/{number}/turn", "server_only": True}
    assert over(objects=fields(pages=pages))["objects"]["BookObject"]["fields"]["pages"] == pages
    made = contract(description(DOCUMENT), {"pages": {"operations": {"turn_page": turn}, "objects": {"Page": page}}})
    assert made["pages"] == {"operations": {"turn_page": turn}, "objects": {"Page": page}}
    assert made.keys() == {"books", "pages", "shared", "shelves", "webhooks"}


def test_values_of_an_enumeration_are_added() -> None:
    made = contract(description(DOCUMENT), {"shared": {"enums": {"Currency": ["XAF"], "Color": ["red"]}}})
    assert made["shared"]["enums"] == {"Currency": ["EUR", "XAF"], "Color": ["red"]}
    with pytest.raises(OverlayError, match=r"shared\.enums\.Currency: the description has EUR"):
        contract(description(DOCUMENT), {"shared": {"enums": {"Currency": ["XAF", "EUR"]}}})


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        (
            {"objects": fields(code={"required": True})},
            "books.objects.BookObject.fields.code.required: .* says the same",
        ),
        ({"objects": fields(pages={"type": "integer"})}, "fields.pages: the description lacks it"),
        ({"objects": fields(code={"server_only": True})}, "fields.code: the description has it"),
        ({"objects": {"Bok": {"fields": {}}}}, "objects.Bok: the description lacks it"),
        ({"operations": {"find_book": {"method": "GET"}}}, "operations.find_book: the description lacks it"),
        ({"operations": {"find_all_books": {"query": {"code": {}}}}}, "query.code: the description lacks it"),
        ({"objects": {"Meta": {"fields": {}}}}, r"Meta of objects is in shared.json: move its entry there from books"),
    ],
)
def test_an_entry_that_does_not_fit_the_description_is_refused(facts: dict[str, Any], problem: str) -> None:
    with pytest.raises(OverlayError, match=problem):
        over(**facts)


# --- the files --------------------------------------------------------------------------------------------------------


def test_what_has_a_name_has_a_line_of_its_own_and_values_share_one() -> None:
    facts = {
        "objects": {"A": {"fields": {"b": {"type": "string"}, "c": {"enum": ["x" * 60, "y z " * 15, "1"]}}}},
        "note": "z" * 150,
    }
    assert files.text(facts).splitlines() == [
        "{",
        '  "objects": {',
        '    "A": {',
        '      "fields": {',
        '        "b": {"type": "string"},',
        '        "c": {',
        '          "enum": [',
        f'            "{"x" * 60}",',
        f'            "{"y z " * 15}", "1"',
        "          ]",
        "        }",
        "      }",
        "    }",
        "  },",
        f'  "note": "{"z" * 150}"',
        "}",
    ]


def test_a_folder_is_written_anew(tmp_path: Any) -> None:
    files.write(tmp_path, {"a": {"servers": ["1"]}, "b": {}})
    files.write(tmp_path, {"a": {"servers": ["2"]}})
    assert files.read(tmp_path) == {"a": {"servers": ["2"]}}
