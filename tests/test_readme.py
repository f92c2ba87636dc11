"""The README is true: its first programs run as pasted, its claims have tests, its links and commands exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
FIRST = {"async": BLOCKS[0], "blocking": BLOCKS[1]}
(PRINTED,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
NEWCOMER = {name: value for name, value in os.environ.items() if not name.startswith("LAGO_")}


def run(arguments: list[str], folder: Path, given: str | None = None) -> tuple[int, str, str]:
    """Run Python in another folder, without any setting of ours."""
    done = subprocess.run(
        [sys.executable, *arguments],
        input=given,
        cwd=folder,
        env={**NEWCOMER, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("face", FIRST)
def test_the_first_program_runs_as_it_stands_and_prints_what_is_shown(face: str, tmp_path: Path) -> None:
    (tmp_path / "first.py").write_text(FIRST[face], encoding="utf-8")
    assert run(["-W", "error", "first.py"], tmp_path) == (0, PRINTED, "")


@pytest.mark.parametrize("face", FIRST)
def test_the_first_program_can_be_pasted_into_the_interactive_interpreter(face: str, tmp_path: Path) -> None:
    status, printed, _prompts = run(["-i", "-q"], tmp_path, given=FIRST[face])
    assert (status, printed) == (0, PRINTED)


def test_both_faces_are_shown_alike_but_for_await() -> None:
    plain = FIRST["async"].replace("from lago_async import", "from lago_sync import")
    plain = re.sub(r"\b(?:async|await) ", "", plain).replace("asyncio.run(main())", "main()")
    assert plain.removeprefix("import asyncio\n") == FIRST["blocking"]


# Each claim of the first sentence and of "Why", and the tests that hold it. Speed names the page with the measurement.
CLAIMS = {
    "it never loses a response": [
        "test_a_field_that_is_missing_is_none_and_a_list_is_empty",
        "test_a_storm_of_given_up_and_lost_calls_mixes_up_no_answer_and_keeps_no_connection",
        "test_any_json_is_read_or_an_error_of_ours",
    ],
    "never repeats a payment": ["test_what_is_sent_once_is_sent_once_when_its_connection_is_lost"],
    "never shows a key": [
        "test_any_key_works_or_is_refused_without_a_word_of_it",
        "test_a_client_shows_its_key_nowhere_and_cannot_be_pickled",
        "test_a_traceback_with_local_variables_does_not_show_the_key",
    ],
    "Complete.": [
        "test_every_operation_of_the_contract_is_called_here",
        "test_the_readme_has_the_number_of_operations_and_no_other_page_repeats_it",
        "test_both_faces_are_shown_alike_but_for_await",
    ],
    "Careful with money.": [
        "test_reading_and_changing_may_be_repeated_and_posts_only_where_the_row_says_so",
        "test_what_may_have_been_applied_is_tried_again_only_where_it_may_be_repeated",
        "test_what_is_sent_once_is_sent_once_when_its_connection_is_lost",
    ],
    "Tolerant when it reads, strict when it writes.": [
        "test_a_field_that_is_missing_is_none_and_a_list_is_empty",
        "test_an_unknown_field_and_a_new_enum_value_do_no_harm",
        "test_both_readers_agree_on_any_number_and_a_number_is_never_lost",
        "test_a_body_with_a_typo_or_a_wrong_type_is_refused_by_name",
    ],
    "Fast in bulk.": [
        "test_no_window_holds_more_calls_than_the_limit_whenever_calls_are_made",
        "test_a_client_waits_out_a_spent_window_and_is_never_refused",
        "docs/speed.md",
    ],
    "Usage events that arrive.": ["test_no_accepted_event_is_lost_or_doubled_by_kills_and_a_server_that_fails"],
    "Exports that resume.": ["test_killed_again_and_again_it_goes_on_and_has_the_rows_of_an_undisturbed_run"],
    "Webhooks once each.": [
        "test_two_deliveries_of_one_key_at_once_are_handled_once",
        "test_real_deliveries_arrive_over_http_also_those_with_40_kilobytes_of_header",
    ],
    "Blocking code at home.": [
        "test_two_clients_share_one_thread",
        "test_a_forked_child_can_call_while_the_parent_goes_on",
        "test_a_child_whose_fork_python_did_not_see_can_call_while_the_parent_goes_on",
    ],
    "A Lago for your tests.": [
        "test_every_story_is_right",
        "test_the_fixtures_serve_a_test_suite_of_a_program",
    ],
}


def test_every_claim_has_tests_that_exist() -> None:
    first = " ".join(README.partition("```")[0].split())
    why = README.partition("\n## Why\n")[2].partition("\n## ")[0]
    claimed = re.findall(r"^- \*\*(.*?)\*\*", why, re.MULTILINE)
    assert [claim for claim in CLAIMS if claim in first or claim in claimed] == list(CLAIMS)
    assert set(claimed) <= set(CLAIMS)
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
    }
    named = {name for names in CLAIMS.values() for name in names}
    assert sorted(name for name in named if name not in defined and not (ROOT / name).is_file()) == []


def test_the_speed_that_is_claimed_is_the_one_that_was_measured() -> None:
    (claimed,) = re.findall(r"on one core (\d+ to \d+) times", " ".join(README.split()))
    measured = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    assert (
        f"| `bulk.past_usage`, 64 at a time (the default) | the official client in 32 threads | {claimed} |" in measured
    )


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"make (\w+)[ `]", README))
    assert named
    for name in named:
        assert re.search(rf"^{name}:", makefile, re.MULTILINE), name


def test_the_first_screen_is_short() -> None:
    assert len(README.split()) < 1_000
