"""Every field of every input does what the table says: it has an effect, only shows itself, or is refused."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from lago_async.sandbox import Sandbox
from lago_async.sandbox._operations.input_fields import INPUTS
from lago_async.sandbox._protocol.refusals import NOT_SIMULATED
from tests.contract.reviewed import REVIEWED, reasons
from tests.contract.walk import walk
from tests.lago_async.sandbox.field_stories import STORIES, Results, Story, prepared
from tests.lago_async.sandbox.field_values import NAMED, OWN, With, values
from tests.lago_async.sandbox.field_worlds import Difference, Scene, Told, UntellableError, differences, is_effect

SHOWN, EFFECT, NOTHING = "only shows itself", "effect", "nothing"
REFUSED, SAME, UNSIMULATED = "refused", "refused, like without it", "not simulated"


def fields_of_the_contract() -> dict[str, set[str]]:
    """Return the fields of each input: those of its model, and those that the contract has for it."""
    found: dict[str, set[str]] = {}
    missing = reasons(REVIEWED.missing_fields)
    for model, nodes in walk().nodes.items():
        if model.__name__.endswith("Input"):
            facts = {name for node in nodes.values() for name in node.fields if not node.fields[name].get("spec_only")}
            known = {name for name in facts if f"{model.__name__}.{name}" not in missing}
            found[model.__name__] = known | {field.name for field in attrs.fields(model)}
    return found


def test_the_table_has_each_field_of_each_input_once() -> None:
    table = {name: sorted(row.names) for name, row in INPUTS.items()}
    assert table == {name: sorted(fields) for name, fields in fields_of_the_contract().items()}
    assert sum(map(len, table.values())) > 700


def test_each_row_of_stories_and_values_is_for_a_field_of_the_table() -> None:
    assert set(STORIES) == set(INPUTS)
    assert set(OWN) <= set(INPUTS)
    for model, own in OWN.items():
        assert set(own) <= set(INPUTS[model].names), model
    assert set(NAMED) <= {name for row in INPUTS.values() for name in row.names}


class Sweep:
    """Two copies of one world for each field: one with it, and one without."""

    def __init__(self, *, premium: bool) -> None:
        world, results = prepared(premium=premium)
        self._world: Sandbox = world
        self._results: Results = results
        self._scenes: dict[int, Scene] = {}
        self._without: dict[tuple[int, str], Told] = {}

    def outcomes(self, model: str, field: str) -> Iterator[str]:
        """Yield what each value of a field does in each story that can be told here."""
        for story in STORIES[model]:
            for value in values(model, field):
                besides = value.besides if isinstance(value, With) else {}
                given = value.value if isinstance(value, With) else value
                try:
                    without = self._told_without(story, besides)
                    told = self._scene(story).tell({**besides, field: given})
                except UntellableError:
                    continue
                yield outcome(without, told, field, story)

    def _scene(self, story: Story) -> Scene:
        if id(story) not in self._scenes:
            self._scenes[id(story)] = Scene(self._world, self._results, story)
        return self._scenes[id(story)]

    def _told_without(self, story: Story, besides: Mapping[str, Any]) -> Told:
        key = id(story), json.dumps(besides)
        if key not in self._without:
            self._without[key] = self._scene(story).tell(besides)
        return self._without[key]


def outcome(without: Told, told: Told, field: str, story: Story) -> str:
    """Return what a field does: a refusal by the value of the field, or none any more, is an effect too."""
    if told.refusal is not None:
        if NOT_SIMULATED in told.refusal:
            return UNSIMULATED
        return SAME if told.refusal == without.refusal else REFUSED
    if without.refusal is not None:
        return EFFECT
    shown = False
    for difference in differences(without, told):
        if is_effect(difference, field, story):
            return EFFECT
        shown = True
    return SHOWN if shown else NOTHING


def strongest(outcomes: Iterator[str], *, enough: str) -> str:
    """Return the first outcome of this kind, or else the one that says most."""
    seen = set[str]()
    for one in outcomes:
        seen.add(one)
        if one == enough:
            return one
    order = (EFFECT, UNSIMULATED, REFUSED, SHOWN, NOTHING, SAME)
    return next((one for one in order if one in seen), "no story")


def test_every_field_does_what_the_table_says() -> None:
    sweep, wrong = Sweep(premium=True), list[str]()
    for model, row in INPUTS.items():
        for field in row.names:
            accepted = {EFFECT, REFUSED}
            if field in row.kept:
                accepted = {SHOWN}
            elif field in row.ignored:
                accepted = {NOTHING}
            elif field in row.refused:
                accepted = {UNSIMULATED, REFUSED, SAME}
            enough = UNSIMULATED if field in row.refused else EFFECT
            found = strongest(sweep.outcomes(model, field), enough=enough)
            if found not in accepted:
                wrong.append(f"{model}.{field}: {found}, not one of {sorted(accepted)}")
    assert wrong == []


def test_a_field_that_needs_a_licence_has_no_effect_without_one() -> None:
    sweep, wrong = Sweep(premium=False), list[str]()
    for model, row in INPUTS.items():
        for field in row.names:
            if row.needs_licence(field) and (found := strongest(sweep.outcomes(model, field), enough=EFFECT)) == EFFECT:
                wrong.append(f"{model}.{field}: {found}")
    assert wrong == []


def test_a_story_told_twice_ends_the_same() -> None:
    world, results = prepared()
    different: list[tuple[str, Difference]] = []
    for model, stories in STORIES.items():
        one, other = (Scene(world, results, stories[0]).tell({}) for _ in range(2))
        different += [(model, found) for found in differences(one, other)]
    assert different == []
