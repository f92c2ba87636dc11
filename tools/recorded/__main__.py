"""Compare the sandbox with the recordings of a running Lago.

python -m tools.recorded                           # all stories: what is equal, and the kinds of differences
python -m tools.recorded --only 'free/billing.*'   # some of them
python -m tools.recorded --only premium/usage.past --exchange 7
python -m tools.recorded --write                   # take what is equal now off the list of differing exchanges
"""

import argparse
import json
import sys

from tools.recorded import differing, differing_webhooks, report
from tools.recorded.recordings import names, read
from tools.recorded.telling import Told, tell

_KINDS = 40


def main() -> int:
    """Run the command; 1 if exchanges differ that the list does not name."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.recorded", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", default="*", help="a pattern of names, with or without the folder: billing.*")
    parser.add_argument("--exchange", type=int, help="show every difference of the exchange of this number")
    parser.add_argument("--operation", help="show every difference of this operation")
    parser.add_argument("--each", action="store_true", help="show every difference of every exchange")
    parser.add_argument("--all", action="store_true", help="show all kinds of differences")
    parser.add_argument("--write", action="store_true", help=f"take what is equal now off {differing.PATH.name}")
    parser.add_argument("--grow", action="store_true", help="with --write: add what differs now, too")
    options = parser.parse_args()
    stories = [tell(name, read(name)) for name in names(options.only)]
    if not stories:
        parser.error(f"no story matches {options.only!r}")
    if options.each or options.exchange is not None or options.operation:
        show(stories, options.exchange, options.operation)
        return 0
    lines = [
        *report.by_kind(stories, None if options.all else _KINDS),
        "",
        *report.totals(stories),
        report.webhook_totals(stories),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    if options.write:
        differing.write({told.name: told.differing() for told in stories}, grow=options.grow)
        differing_webhooks.write({told.name: told.differing_webhooks() for told in stories}, grow=options.grow)
    grown = differing.grown({told.name: told.differing() for told in stories})
    if grown:
        sys.stdout.write(f"{len(grown)} exchanges differ that {differing.PATH.name} does not name: {' '.join(grown)}\n")
    silent = differing_webhooks.grown({told.name: told.differing_webhooks() for told in stories})
    if silent:
        path = differing_webhooks.PATH.name
        sys.stdout.write(f"{len(silent)} webhooks differ that {path} does not name: {', '.join(silent)}\n")
    return 1 if grown or silent else 0


def show(stories: list[Told], number: int | None, operation: str | None) -> None:
    """Print the exchanges of this number or operation that differ, with all differences."""
    for told in stories:
        for each in told.exchanges:
            wanted = number in (None, each.number) and operation in (None, each.exchange["operation"])
            if not wanted or not each.differences:
                continue
            exchange = each.exchange
            asked = json.dumps(exchange.get("request", exchange.get("raw_request", exchange["query"])))
            where = f"{told.name}#{each.number} {exchange['operation']}"
            head = f"{where} {exchange['method']} {exchange['path']} {exchange.get('note', '')}"
            lines = [
                f"    {found.kind} {found.path}: recorded {json.dumps(found.recorded)}, ours {json.dumps(found.ours)}"
                for found in each.differences
            ]
            sys.stdout.write("\n".join([head, f"    {asked}", *lines, ""]))


if __name__ == "__main__":
    sys.exit(main())
