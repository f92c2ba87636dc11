"""Try this version on a server: `LAGO_LIVE_URL=... LAGO_LIVE_API_KEY=... python -m tests.live [story ...]`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from lago_async import LagoClient, LagoError
from tests.live.report import Report
from tests.live.run import RealServer, new_tag, run
from tests.live.stories import NOT_CALLED, STORIES

VARIABLES = ("LAGO_LIVE_URL", "LAGO_LIVE_API_KEY")

DESCRIPTION = """Call every operation on both faces, and say for each what happened.

It makes objects whose codes begin with a random tag, and deletes them. It changes and deletes nothing else. Invoices,
credit notes, payments and events cannot be deleted, and invoices take the next numbers, so use an organization for
tests. The server sends its webhooks as usual."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stories and return the exit code: 1 if something failed, 2 if the server cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.live", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("story", nargs="*", help=f"only these stories: {', '.join(STORIES)}")
    stories: list[str] = parser.parse_args(arguments).story
    if unknown := [name for name in stories if name not in STORIES]:
        parser.error(f"no such story: {', '.join(unknown)}")
    url, api_key = (os.environ.get(name, "") for name in VARIABLES)
    if not url or not api_key:
        print(
            f"Set {' and '.join(VARIABLES)} to a server for tests and to a key with all permissions.", file=sys.stderr
        )
        return 2
    report = Report()
    try:
        return asyncio.run(_try(url, api_key, stories or list(STORIES), report))
    except KeyboardInterrupt:
        print("\nStopped. What the running story had made is deleted.\n")
        print("\n".join(report.lines()))
        return 130


async def _try(url: str, api_key: str, stories: list[str], report: Report) -> int:
    try:
        async with LagoClient(api_key=api_key, base_url=url) as client:
            organization = await client.organizations.find()
    except LagoError as error:
        print(f"The server cannot be used: {error}", file=sys.stderr)
        return 2
    tag = new_tag()
    print(f"Lago at {url}, organization {organization.name!r}. All codes begin with {tag}.\n", flush=True)
    await run(
        url=url,
        api_key=api_key,
        around=RealServer(),
        tag=tag,
        stories=stories,
        report=report,
        tell=lambda line: print(line, flush=True),
    )
    print()
    print("\n".join(report.lines()))
    print("\nNot called:")
    for operation, reason in NOT_CALLED.items():
        print(f"  {operation}: {reason}")
    return 1 if report.has_failed else 0


if __name__ == "__main__":
    sys.exit(main())
