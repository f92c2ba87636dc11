"""The command line of the checks: ``python -m lago_async doctor``."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence

import attrs

from lago_async._doctor.checks import examine
from lago_async._doctor.findings import BAD_SETTINGS, Finding, exit_code_of, failure
from lago_async._net.options import switch_of
from lago_async._streams import print_result
from lago_async.client import LagoClient
from lago_async.errors import LagoConfigError
from lago_async.usage._wording import as_options

_EXIT_CODES = """\
exit codes:
  0  everything works
  2  invalid arguments, or a setting is missing or invalid
  3  the server cannot be reached
  4  the server refuses the key
  5  the server fails, or is not Lago
  6  it works, but there are warnings
"""


class _Arguments(argparse.Namespace):
    """The values that the parser sets."""

    api_url: str | None
    allow_insecure_http: bool | None
    timeout: float
    json: bool


def main(argv: Sequence[str], *, prog: str = "python -m lago_async doctor") -> int:
    """Run the checks, print them, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Check whether this machine can use Lago with the settings of the environment. Only reads.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--api-url", metavar="URL", help="the URL of the server; LAGO_API_URL if not given")
    parser.add_argument(
        "--allow-insecure-http",
        action="store_true",
        default=None,
        help="send the API key over plain http, inside a network that you trust; default: LAGO_ALLOW_INSECURE_HTTP",
    )
    parser.add_argument("--timeout", type=float, default=20.0, metavar="SECONDS", help="limit of each call (20)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args(argv, _Arguments())
    findings = asyncio.run(_findings(arguments))
    code = exit_code_of(findings)
    printed = print_result(_as_json(findings, code) if arguments.json else _as_text(findings))
    return code or printed


async def _findings(arguments: _Arguments) -> list[Finding]:
    try:
        client = LagoClient(
            base_url=arguments.api_url,
            timeout=arguments.timeout,
            max_retries=1,
            allow_insecure_http=switch_of(
                "allow_insecure_http", arguments.allow_insecure_http, "LAGO_ALLOW_INSECURE_HTTP"
            ),
        )
    except LagoConfigError as error:
        return [
            failure(
                "settings", as_options(str(error)), "set LAGO_API_KEY and LAGO_API_URL, and try again", BAD_SETTINGS
            )
        ]
    async with client:
        found = Finding(check="settings", level="ok", text=f"LAGO_API_KEY is set; the URL is {client.base_url}")
        return [found, *await examine(client)]


def _as_json(findings: list[Finding], code: int) -> str:
    listed = [attrs.asdict(finding, filter=attrs.filters.exclude("exit_code")) for finding in findings]
    return json.dumps({"exit_code": code, "findings": listed}, indent=2, ensure_ascii=False) + "\n"


def _as_text(findings: list[Finding]) -> str:
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{finding.level:<8} {finding.check:<13} {finding.text}")
        if finding.remedy:
            lines.append(f"{'':<22} {finding.remedy}")
    return "\n".join(lines) + "\n"
