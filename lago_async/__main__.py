"""The command line: ``python -m lago_async endpoints``, ``sandbox``, ``usage``, ``export`` and ``doctor``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from lago_async._streams import open_closed_descriptors, print_result


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command, and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["sandbox"]:
        from lago_async.sandbox import main as sandbox

        return sandbox(arguments[1:])
    if arguments[:1] == ["usage"]:
        from lago_async.usage._command import main as usage

        return usage(arguments[1:])
    if arguments[:1] == ["export"]:
        from lago_async.exports._command import main as export

        return export(arguments[1:])
    if arguments[:1] == ["doctor"]:
        from lago_async._doctor.command import main as doctor

        return doctor(arguments[1:])
    parser = argparse.ArgumentParser(prog="python -m lago_async", description="The Lago client's command line.")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_options(commands.add_parser("endpoints", help="print the endpoint table"))
    commands.add_parser("sandbox", help="serve an embedded Lago on a loopback port", add_help=False)
    commands.add_parser("usage", help="export usage to files, and build reports from them", add_help=False)
    commands.add_parser("export", help="export any other list, such as invoices, to a file", add_help=False)
    commands.add_parser("doctor", help="check the settings, the server, the key and its permissions", add_help=False)
    return _print(parser.parse_args(arguments))


def print_endpoints(argv: Sequence[str], *, prog: str) -> int:
    """Print the endpoint table, and return the exit code."""
    parser = argparse.ArgumentParser(prog=prog, description="Print the endpoint table.")
    _add_options(parser)
    return _print(parser.parse_args(argv))


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    parser.add_argument(
        "--gates", action="store_true", help="print only operations that need a licence, a feature flag or ClickHouse"
    )


def _print(parsed: argparse.Namespace) -> int:
    from lago_async._listing import as_markdown, as_text

    table = as_markdown if parsed.markdown else as_text
    return print_result(table(gates_only=parsed.gates) + "\n")


if __name__ == "__main__":
    open_closed_descriptors()
    sys.exit(main())
