"""The comparison of recordings: the differences that it tolerates, and those that it reports."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lago_async.sandbox._protocol.wire import Json
from tools.recorded.comparison import Comparison
from tools.recorded.job_hours import JobHours
from tools.recorded.lists import untied
from tools.recorded.recordings import FOLDERS, names, read
from tools.recorded.symbols import NOWHERE, Symbols

NOW = datetime(2026, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
ONE, OTHER = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2))


def kinds(recorded: Json, ours: Json, comparison: Comparison | None = None) -> list[str]:
    comparison = comparison or Comparison(Symbols({}))
    return [f"{each.kind} {each.path}" for each in comparison.bodies(recorded, ours, NOW)]


EQUAL: dict[str, tuple[Json, Json]] = {
    "the time of the request": ({"started_at": "<nowZ>"}, {"started_at": "2026-01-01T00:00:01Z"}),
    "a job that runs at ten past": ({"created_at": "2026-02-01T00:10:00Z"}, {"created_at": "2026-02-01T00:00:00Z"}),
    "fees in another order": (
        {"fees": [{"code": "a", "id": "<id:fee.1>"}, {"code": "b", "id": "<id:fee.2>"}]},
        {"fees": [{"code": "b", "id": OTHER}, {"code": "a", "id": ONE}]},
    ),
    "an id in a text": ({"url": "https://x/<id:id.1>/y"}, {"url": f"https://x/{ONE}/y"}),
    "a bound that a job set": ({"to_datetime": "2026-02-01T00:10:00Z"}, {"to_datetime": "2026-02-01T00:00:00Z"}),
    "a number after a slug": ({"number": "<slug.1>-002"}, {"number": "LAG-1-001-002"}),
}
DIFFERENT: dict[str, tuple[Json, Json, list[str]]] = {
    "a bound of a period": (
        {"to_datetime": "2026-02-01T00:20:00Z"},
        {"to_datetime": "2026-02-01T00:00:00Z"},
        ["value response.to_datetime"],
    ),
    "milliseconds": ({"at": "<now.000Z>"}, {"at": "2026-01-01T00:00:01Z"}, ["value response.at"]),
    "null for zero": ({"a": None}, {"a": 0}, ["type response.a"]),
    "a float for an integer": ({"a": 1.0}, {"a": 1}, ["type response.a"]),
    "one id for two": ({"a": "<id:a.1>", "b": "<id:b.1>"}, {"a": ONE, "b": ONE}, ["value response.b"]),
    "two ids for one": ({"a": "<id:a.1>", "b": "<id:a.1>"}, {"a": ONE, "b": OTHER}, ["value response.b"]),
    "keys": ({"a": 1}, {"b": 1}, ["missing response.a", "extra response.b"]),
    "an order that is told": (
        {"taxes": [{"code": "a"}, {"code": "b"}]},
        {"taxes": [{"code": "b"}, {"code": "a"}]},
        ["order response.taxes"],
    ),
    "the length of a list": ({"a": [1]}, {"a": [1, 2]}, ["length response.a"]),
}


@pytest.mark.parametrize("what", EQUAL)
def test_what_two_servers_may_answer_differently_is_equal(what: str) -> None:
    recorded, ours = EQUAL[what]
    assert kinds(recorded, ours) == []


@pytest.mark.parametrize("what", DIFFERENT)
def test_what_a_client_would_notice_differs(what: str) -> None:
    recorded, ours, expected = DIFFERENT[what]
    assert kinds(recorded, ours) == expected


def test_times_of_the_same_request_are_equal_whenever_they_are_shown() -> None:
    comparison = Comparison(Symbols({}), writes=[NOW])
    shown: Json = {"ending_at": "2026-01-01T00:00:00Z"}
    assert kinds(shown, {"ending_at": "2026-01-01T00:00:01Z"}, comparison) == []
    assert kinds(shown, {"ending_at": "2026-01-02T00:00:00Z"}, comparison) == ["value response.ending_at"]


def test_requests_name_the_ids_that_the_sandbox_gave_and_whole_minutes() -> None:
    symbols = Symbols({})
    assert symbols.stands_for("<id:a.1>", ONE)
    filled = symbols.filled_object({"ids": ["<id:a.1>", "<id:a.2>"], "at": "<nowZ>"}, NOW + timedelta(seconds=9))
    assert filled == {"ids": [ONE, NOWHERE], "at": "2026-01-01T00:00:00Z"}


def test_every_folder_has_stories_whose_clock_never_goes_back() -> None:
    for folder in FOLDERS:
        found = names(f"{folder}/*")
        assert len(found) > 30
        for name in found[::20]:
            clocks = [datetime.fromisoformat(each["clock"]) for each in read(name)["exchanges"]]
            assert clocks == sorted(clocks)


def _invoice(customer: str, made: str) -> Json:
    return {"customer": {"external_id": customer}, "created_at": made}


JOB, REQUEST = "2026-02-01T00:10:00Z", "2026-02-01T00:00:02Z"


@pytest.mark.parametrize(("made", "expected"), [(JOB, ["one", "two"]), (REQUEST, ["two", "one"])])
def test_only_the_invoices_of_one_billing_run_are_in_any_order(made: str, expected: list[str]) -> None:
    recorded: list[Json] = [_invoice("one", made), _invoice("two", made)]
    ours: list[Json] = [_invoice("two", "2026-02-01T00:00:00Z"), _invoice("one", "2026-02-01T00:00:00Z")]
    found = [item["customer"] for item in untied(recorded, ours) if isinstance(item, dict)]
    assert found == [{"external_id": name} for name in expected]


def test_jobs_ran_an_hour_after_the_start_at_midnights_and_in_the_last_hours_of_a_journey() -> None:
    start = datetime(2026, 1, 1, 9, 0, 5, tzinfo=UTC)
    hours = JobHours(start, start + timedelta(days=2), [ZoneInfo("Asia/Tokyo")])
    due = datetime(2026, 1, 1, 9, 0, 6, tzinfo=UTC)
    found: list[str] = []
    while (due := hours.first_from(due)).year < 9999:
        found.append(due.strftime("%d %H"))
        due += timedelta(seconds=1)
    assert found == ["01 10", "01 15", "02 00", "02 15", "03 00", "03 07", "03 08", "03 09"]
    assert JobHours(start, start + timedelta(minutes=4), []).first_from(start).year == 9999
