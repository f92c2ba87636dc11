"""Tell the stories whose numbers a running Lago gave, and say which are right, silently wrong, or refused."""

from collections.abc import Iterable
from typing import Literal, TypeAlias

import attrs

from lago_async.errors import LagoApiError
from lago_async.sandbox._protocol.refusals import NOT_SIMULATED
from tests.billing import BillingStory, Check, tell

Verdict: TypeAlias = Literal["right", "wrong", "refused", "failed"]
VERDICTS: tuple[Verdict, ...] = ("right", "wrong", "refused", "failed")


@attrs.frozen
class ToldStory:
    """A story with its verdict. ``problems`` say what differs, or what was refused."""

    story: BillingStory
    verdict: Verdict
    problems: list[str]


async def told(story: BillingStory) -> ToldStory:
    """Tell a story. It is wrong if a number differs, and failed if a valid request got another error."""
    checks: list[Check] = []
    refused = ""
    try:
        await tell(story, checks)
    except LagoApiError as error:
        refused = f"{error} {error.error_details}"
    wrong = [f"{check.name}: {check.got!r}, not {check.expected!r}" for check in checks if not check.equal]
    if wrong:
        return ToldStory(story, "wrong", wrong)
    if refused:
        return ToldStory(story, "refused" if NOT_SIMULATED in refused else "failed", [refused])
    return ToldStory(story, "right" if checks else "failed", [])


async def all_told(stories: Iterable[BillingStory]) -> list[ToldStory]:
    """Tell stories, one after another."""
    return [await told(story) for story in stories]
