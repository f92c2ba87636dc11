"""The sandbox takes what the server takes: what a model allows to be null or missing, it does not ask for."""

import copy
from collections.abc import Iterator
from typing import Any, get_args

import attrs

from lago_async import ENDPOINTS
from lago_async.sandbox import Sandbox
from tests.contract.kinds import members, takes_none
from tests.contract.reviewed import REVIEWED, reasons
from tests.lago_async.sandbox.conftest import START
from tests.lago_async.sandbox.world import bodies, build, expected_status, path_values

# Fields that the models require, and the server does not.
STRICTER = set(reasons(REVIEWED.required_inputs))
# Null is refused because of what the changed object is.
NEEDED = {
    ("update_coupon", "percentage_rate"),
    ("update_billing_entity", "document_number_prefix"),
    ("update_organization", "webhook_url"),
    ("create_product", "billable_metric_code"),
}


def new_world() -> tuple[Sandbox, dict[str, str]]:
    sandbox = Sandbox(now=START, premium=True, features={"order_forms"})
    return sandbox, build(sandbox)


def operations_with_a_body() -> list[str]:
    _, ids = new_world()
    return [
        name for name in bodies(ids) if expected_status(name) == 200 and attrs.has(members(ENDPOINTS[name].body)[0])
    ]


def smallest(name: str, ids: dict[str, str]) -> Any:
    """Return a copy of what stands in the envelope of the smallest valid request."""
    given = copy.deepcopy(bodies(ids)[name])
    if "alert" in given and name.startswith("create"):
        return [given["alert"]]  # the sandbox performs the form for several alerts
    root = ENDPOINTS[name].request_root
    return given if root is None else given[root]


def objects(value: Any, hint: Any) -> Iterator[tuple[dict[str, Any], type]]:
    """Yield every object in a body, with its model."""
    for part in members(hint):
        if isinstance(value, list):
            for item in value:
                yield from objects(item, part if attrs.has(part) else get_args(part)[0])
        elif attrs.has(part) and isinstance(value, dict):
            yield value, part
            for field in attrs.fields(part):
                if field.name in value:
                    yield from objects(value[field.name], field.type)


def refusal(sandbox: Sandbox, name: str, ids: dict[str, str], given: Any) -> str | None:
    try:
        sandbox.perform(name, given, *path_values(name, ids))
    except ValueError as error:
        return str(error)
    return None


def test_null_is_taken_in_every_field_that_may_be_null() -> None:
    refused: dict[str, str] = {}
    tried = 0
    for name in operations_with_a_body():
        sandbox, ids = new_world()
        given = smallest(name, ids)
        for item, model in list(objects(given, ENDPOINTS[name].body)):
            for field in attrs.fields(model):
                if takes_none(field.type) and field.name not in item and (name, field.name) not in NEEDED:
                    item[field.name] = None
                    tried += 1
        if problem := refusal(sandbox, name, ids, given):
            refused[name] = problem
    assert tried > 300
    assert refused == {}


def test_a_request_without_a_required_field_is_refused() -> None:
    taken: list[str] = []
    tried = 0
    for name in operations_with_a_body():
        _, ids = new_world()
        for index, (item, model) in enumerate(objects(smallest(name, ids), ENDPOINTS[name].body)):
            for field in attrs.fields(model):
                place = f"{model.__name__}.{field.name}"
                if field.default is not attrs.NOTHING or field.name not in item or place in STRICTER:
                    continue
                sandbox, ids = new_world()
                given = smallest(name, ids)
                del list(objects(given, ENDPOINTS[name].body))[index][0][field.name]
                tried += 1
                if refusal(sandbox, name, ids, given) is None:
                    taken.append(f"{name}: {place}")
    assert tried > 60
    assert taken == []
