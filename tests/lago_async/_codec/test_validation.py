"""The check of values before they are sent: what the type of a field does not allow is refused."""

import enum
import json
import uuid
from collections import OrderedDict, UserDict, deque
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Meta

from lago_async import ENDPOINTS, LagoArgumentError, models
from lago_async._codec.hints import is_union
from lago_async._codec.validation import check_of
from lago_async._codec.writing import UnwritableError, write
from lago_async.models import EventEstimateInput, EventInput
from lago_async.models._date_or_datetime import takes_date_or_datetime

INPUTS = [model for name in dir(models) if name.endswith("Input") and attrs.has(model := getattr(models, name))]

NAN, INFINITY = float("nan"), float("inf")
AT = datetime(2026, 1, 31, 12, 30, 15, 250_000, tzinfo=UTC)
NAIVE = datetime(2026, 1, 31)  # noqa: DTZ001


class FakeDatetime(datetime):
    """As freezegun and pendulum have it: another text, and subtraction that gives something else."""

    def isoformat(self, *_: Any, **__: Any) -> str:
        return "fake"

    def __sub__(self, other: Any) -> Any:
        return "fake"

    def __str__(self) -> str:
        return "fake"


class FakeDate(date):
    """As freezegun has it."""

    def isoformat(self) -> str:
        return "fake"


class NotATime(datetime):
    """As pandas has NaT: an instance of datetime whose fields are not numbers."""

    @property
    def year(self) -> Any:
        return NAN


class Zone(tzinfo):
    """A time zone that knows no offset, so its datetimes are naive."""

    def utcoffset(self, _: datetime | None) -> None:
        return None

    def dst(self, _: datetime | None) -> None:
        return None

    def tzname(self, _: datetime | None) -> None:
        return None


class Secret(str):  # noqa: SLOT000 - as a user writes it
    def __str__(self) -> str:
        return "***"


class Level(int, enum.Enum):
    HIGH = 3


class Color(enum.Enum):
    RED = "red"


class Money(Decimal):
    """A subclass of Decimal."""


class Share(float):
    """A subclass of float, as numpy.float64 is."""


class Count(int):
    def __str__(self) -> str:
        return "many"


# JSON has none of these, whatever the type of the field is.
NEVER: list[object] = [
    b"cus_1", bytearray(b"cus_1"), memoryview(b"cus_1"), timedelta(1), time(1), {"a"}, frozenset("a"), uuid.UUID(int=1),
    NAN, INFINITY, -INFINITY, Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), Share("nan"), Money("Infinity"),
    NAIVE, FakeDatetime(2026, 1, 31), NotATime(2026, 1, 31, tzinfo=UTC), NAIVE.replace(tzinfo=Zone()), "\ud800",
    1j, Fraction(1, 3), range, object(), (item for item in "a"), Color, "a".join, iter([]),
]  # fmt: skip

PERHAPS: list[object] = [
    None, True, 5, 2**70, 0.1, -0.0, "text", "", Decimal("0.10"), Money("1.50"), Share(0.5), Count(7), Secret("s"),
    Level.HIGH, Color.RED, AT, FakeDatetime(2026, 1, 31, tzinfo=UTC), date(2026, 1, 31), FakeDate(2026, 1, 31), [],
    ["a"], ("a",), {}, {"a": "b"}, {"a": 1}, MappingProxyType({"a": "b"}), {1: "b"}, [b"a"], {"a": NAN},
    [{"a": [INFINITY]}],
    EventInput(transaction_id="t", external_subscription_id="s", code="c"), models.UNSET, deque(["a"]),
    "2026-01-31T12:00:00Z", "2026-01-31", "1e3",
]  # fmt: skip


def shown(value: object) -> str:
    return f"{type(value).__name__}"


def outcome(body: object, model: Any) -> bytes | str:
    """Return the bytes that are sent, or the error."""
    try:
        return write(body, model, "it")
    except UnwritableError as error:
        return str(error)


def sample(kind: Any) -> object:
    """Return the simplest value of a declared type."""
    if takes_date_or_datetime(kind):
        return AT
    kind = get_args(kind)[0] if is_union(kind) or get_origin(kind) is Annotated else kind
    if is_union(kind) or get_origin(kind) is Annotated:
        return sample(kind)
    if attrs.has(kind):
        return {field.name: sample(field.type) for field in attrs.fields(kind) if field.default is attrs.NOTHING}
    simple: dict[Any, object] = {str: "a", int: 1, float: 1.5, bool: True, Decimal: Decimal("1.5"), datetime: AT}
    return simple[kind] if kind in simple else {list: [], dict: {}}[get_origin(kind)]


@pytest.mark.parametrize("model", INPUTS, ids=lambda model: model.__name__)
def test_a_model_and_a_mapping_of_the_same_values_are_written_or_refused_alike(model: Any) -> None:
    least = sample(model)
    assert isinstance(least, dict)
    assert outcome(model(**least), model) == outcome(least, model)
    for field in attrs.fields(model):
        for value in NEVER + PERHAPS:
            body = {**least, field.name: value}
            assert outcome(model(**body), model) == outcome(body, model), (field.name, value)


@pytest.mark.parametrize("model", INPUTS, ids=lambda model: model.__name__)
def test_what_json_does_not_have_is_refused_by_the_path_of_the_field(model: Any) -> None:
    least = sample(model)
    assert isinstance(least, dict)
    for field in attrs.fields(model):
        for value in NEVER:
            found = outcome({**least, field.name: value}, model)
            assert isinstance(found, str), (field.name, value, found)
            assert found.startswith(f"it.{field.name}: "), found


@pytest.mark.parametrize("value", NEVER, ids=shown)
@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: [v], lambda v: {"b": v}, lambda v: {"b": [1, {"c": v}]}])
def test_what_json_does_not_have_is_refused_at_any_depth_of_free_form_json(
    value: object, wrap: Callable[[object], object]
) -> None:
    body = {"transaction_id": "t", "external_subscription_id": "s", "code": "c", "properties": {"a": wrap(value)}}
    for given_body in (body, EventInput(**body)):  # type: ignore[arg-type]
        with pytest.raises(LagoArgumentError, match=r"^create_event: event\.properties\.a(\.b|\[0\]|\.b\[1\]\.c)?: "):
            ENDPOINTS["create_event"].encode((given_body,), {})
        with pytest.raises(LagoArgumentError, match=r"^create_batch_events: events\[1\]\.properties\.a"):
            ENDPOINTS["create_batch_events"].encode(([{**body, "properties": {}}, given_body],), {})


@pytest.mark.parametrize("value", [*NEVER, 5, 0.5, Decimal(1), AT, ["a"]], ids=shown)
def test_metadata_takes_text_alone(value: object) -> None:
    with pytest.raises(LagoArgumentError, match=r"^update_invoice: invoice\.metadata\[0\]\.value: "):
        ENDPOINTS["update_invoice"].encode(("lago_id", {"metadata": [{"key": "k", "value": value}]}), {})


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
)
JSON_VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["", "a", "é"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("ab"), JSON_VALUES))
@example({"a": {"b": 1e-320}})
def test_free_form_json_arrives_as_it_was(value: dict[str, Any]) -> None:
    wire = write(value, dict[str, Any], None)
    assert json.loads(wire) == value
    assert write(MappingProxyType(value), dict[str, Any], None) == wire


def test_a_path_is_one_printable_line_whatever_the_keys_are() -> None:
    found = outcome({"external_id": "a\n", "properties": {"a\r\n\x1b[31m": {"b" * 500: NAN}}}, dict[str, Any])
    assert found == rf"it.properties.a\r\n\x1b[31m.{'b' * 96}...: expected a number, got nan; JSON has no such number"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Secret("s"), '"s"'),
        (Count(7), "7"),
        (Share(0.5), "0.5"),
        (Money("1.50"), '"1.50"'),
        (Decimal("1E+400"), '"1E+400"'),
        (Level.HIGH, "3"),
        (Color.RED, '"red"'),
        (OrderedDict(a=1), '{"a":1}'),
        (UserDict({Color.RED: 1, Secret("b"): 2}), '{"red":1,"b":2}'),
        (deque([1, (2,)]), "[1,[2]]"),
        (range(3), "[0,1,2]"),
        (AT, '"2026-01-31T12:30:15.250000Z"'),
        (FakeDatetime(2026, 1, 31, 12, tzinfo=UTC), '"2026-01-31T12:00:00Z"'),
        (FakeDatetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2))), '"2026-01-31T12:00:00+02:00"'),
        (AT.astimezone(timezone(timedelta(minutes=53, seconds=28))), '"2026-01-31T12:30:15.250000Z"'),
        (FakeDate(2026, 1, 31), '"2026-01-31"'),
    ],
    ids=repr,
)
def test_subclasses_are_what_their_base_class_says(value: object, text: str) -> None:
    assert write({"a": value}, dict[str, Any], None).decode() == f'{{"a":{text}}}'


@pytest.mark.parametrize("model", [EventInput, EventEstimateInput])
@pytest.mark.parametrize("at", [AT, FakeDatetime(2026, 1, 31, 12, 30, 15, 250_000, tzinfo=UTC)], ids=shown)
def test_the_time_of_an_event_is_the_moment_of_any_datetime(model: Any, at: datetime) -> None:
    body = {"transaction_id": "t", "external_subscription_id": "s", "code": "c", "timestamp": at}
    for given_body in (body, model(**body)):
        assert json.loads(write(given_body, model, "event"))["event"]["timestamp"] == "1769862615.250"


@pytest.mark.parametrize("kind", [datetime | None, Annotated[datetime, "aware"], int | float | datetime])
def test_a_naive_datetime_is_refused_with_the_remedy(kind: Any) -> None:
    complaints: list[Any] = []
    check_of(kind)(NAIVE, None, complaints)
    ((_, text, _),) = complaints
    assert text.startswith("the datetime has no time zone; give it one")


def test_a_date_is_not_a_datetime_and_a_datetime_not_a_date() -> None:
    for kind, value, text in [
        (datetime, date(2026, 1, 31), "expected datetime, got date"),
        (date, AT, "expected date, got datetime"),
    ]:
        complaints: list[Any] = []
        check_of(kind)(value, None, complaints)
        assert [complaint.text for complaint in complaints] == [text]


@pytest.mark.parametrize("kind", [date, date | None, date | datetime], ids=str)
@pytest.mark.parametrize("value", [date(2026, 1, 31), FakeDate(2026, 1, 31)], ids=shown)
def test_a_date_is_the_plain_day_where_a_date_is_allowed(kind: Any, value: date) -> None:
    plain = checked(value, kind)
    assert plain == date(2026, 1, 31)
    assert type(plain) is date


def checked(value: object, kind: Any) -> object:
    """Return the plain value, or the text of the complaint."""
    complaints: list[Any] = []
    plain = check_of(kind)(value, None, complaints)
    return complaints[0].text if complaints else plain


VOWELS = Annotated[str, "a note", Meta(pattern="^[aeiou]+$", description="vowels")]


@pytest.mark.parametrize("kind", [VOWELS, VOWELS | None, VOWELS | models.UnsetType | None])
@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("aeiou", "aeiou"),
        (None, None),
        ("xyz", "expected vowels, got 'xyz'"),
        ("", "expected vowels, got ''"),
        (Secret("secret"), "expected vowels, got 'secret'"),
        (Secret("a"), "a"),
        (Color.RED, "expected vowels, got 'red'"),
        ("x" * 200, "expected vowels, got '" + "x" * 96 + "..."),
        (5, "expected vowels, got int"),
        (Level.HIGH, "expected vowels, got int"),
        (["a"], "expected vowels, got list"),
        (b"a", "expected vowels, got bytes"),
        ("\ud800", "a lone surrogate, which JSON cannot hold"),
    ],
    ids=repr,
)
def test_text_with_a_pattern_is_refused_with_the_meaning_of_the_pattern(
    value: object, plain: object, kind: Any
) -> None:
    assert checked(value, kind) == plain


def test_a_datetime_is_never_text_with_a_pattern() -> None:
    assert checked(AT, Annotated[str, Meta(pattern="a", description="an a")]) == "expected str, got datetime"
    assert checked(AT, Annotated[str, Meta(pattern="a", description="an a")] | datetime) == AT


def test_an_annotation_without_a_pattern_leaves_the_value_to_its_type() -> None:
    assert checked("", Annotated[str, Meta(min_length=1)]) == ""
    assert checked(0, Annotated[int, Meta(ge=1)]) == 0
    assert checked(b"a", Annotated[str, Meta(min_length=1)]) == "expected str, got bytes"
