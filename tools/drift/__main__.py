"""Print what a newer server or description has and this package lacks: `python -m tools.drift --server PATH`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import yaml

from tools.contract import files
from tools.drift.contract_places import joined
from tools.drift.findings import FILE, Drift, Side, gone, new_ones, reviewed
from tools.drift.newer_description import compare_descriptions
from tools.drift.server import ROUTES, ServerDrift

_TITLES: dict[Side, str] = {
    "routes": "Routes",
    "query": "Parameters",
    "requests": "Fields of requests",
    "responses": "Fields of responses",
    "webhooks": "Webhooks",
    "description": "The description",
    "unread": "Not understood; read it yourself",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare and print; return the exit code: 1 if something differs, 2 if there is nothing to compare with."""
    parser = argparse.ArgumentParser(prog="python -m tools.drift", description=__doc__)
    parser.add_argument("--server", type=Path, help="a checkout of the server, with its folders app and config")
    parser.add_argument("--description", type=Path, help="the public description, openapi.yaml")
    parser.add_argument("--reviewed", type=Path, default=FILE, help="the list of reviewed differences")
    options = parser.parse_args(arguments)
    if options.server is None and options.description is None:
        return _refuse("name a checkout of the server (SERVER=path), a description (DESCRIPTION=path), or both")
    if options.server is not None and not (options.server / ROUTES).is_file():
        return _refuse(f"{options.server} is not a checkout of the server: it has no {ROUTES}")
    found: list[Drift] = []
    sides: list[Side] = []
    if options.server is not None:
        server = ServerDrift(options.server)
        found += server.drifts
        sides += [side for side in get_args(Side) if side != "description"]
        print("\n".join(_of_routes(server)))
    if options.description is not None:
        try:
            found += compare_descriptions(options.description)
        except (OSError, yaml.YAMLError, KeyError) as error:
            return _refuse(f"{options.description} is not a description: {type(error).__name__}: {error}")
        sides.append("description")
    known = reviewed(options.reviewed)
    new = new_ones(found, known)
    print("\n".join(_report(new, gone(found, known, sides), sum(len(known[side]) for side in sides))))
    return 1 if new else 0


def _refuse(problem: str) -> int:
    print(f"python -m tools.drift: {problem}", file=sys.stderr)
    return 2


def _of_routes(server: ServerDrift) -> Iterator[str]:
    yield f"The server has {len(server.routes)} routes below /api."
    yield f"{len(server.twins)} of them are the other verb of an update. Rails makes two, and the table has one:"
    yield from (f"  {twin.verb:5} {twin.path}" for twin in sorted(server.twins, key=lambda twin: twin.path))
    yield ""


def _report(new: list[Drift], stale: list[str], known: int) -> Iterator[str]:
    for side, title in _TITLES.items():
        lines = [f"  {drift}" for drift in new if drift.side == side]
        if lines:
            yield f"{title}:"
            yield from lines
            yield ""
    entries = [drift for drift in new if drift.facts and drift.side != "description"]
    if entries:
        yield "For tests/contract/overlay, if the code is read rightly. The types are guesses: ask a running server."
        for file in sorted({drift.file for drift in entries}):
            yield f"\n{file}.json"
            yield files.text(joined(drift.facts for drift in entries if drift.file == file)).rstrip("\n")
        yield ""
    if any(drift.side == "description" for drift in new):
        yield "`make contract DESCRIPTION=path` takes the facts of the description over."
    if stale:
        yield "Reviewed, but no longer so; remove it from tools/drift/reviewed.toml:"
        yield from (f"  {line}" for line in stale)
        yield ""
    yield f"{len(new) or 'No'} new difference{'' if len(new) == 1 else 's'}; {known} are reviewed."


if __name__ == "__main__":
    sys.exit(main())
