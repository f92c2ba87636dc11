"""The command ``lago events send``: the events of a file, each exactly once, whatever interrupts it."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

import attrs
import click
import msgspec

from lago_async._cli.access import access_of
from lago_async._cli.event_journal import Journal, JournalFile, digest_of, lock
from lago_async._cli.event_lines import EventFormat, EventLine, read_events
from lago_async._cli.exit_codes import ExitCode
from lago_async._cli.options import profile_of, profile_option
from lago_async._cli.output import as_json, emit
from lago_async._cli.progress import ProgressLine
from lago_async._ingest.acceptance import EventEncoder
from lago_async._ingest.settings import CONCURRENCY
from lago_async._ingest.spool_identity import SpoolOwner
from lago_async._printable import printable
from lago_async._streams import input_stream, say_error
from lago_async.errors import ForbiddenError, LagoArgumentError, LagoConfigError
from lago_async.usage._interruption import Interruption

if TYPE_CHECKING:
    from lago_async._ingest.outcomes import IngestResult
    from lago_async._ingest.results import IngestResults
    from lago_async.client import LagoClient
    from lago_async.models import Json

_COMMIT_EVERY: Final = 1_000  # events; each commit waits for the disk
_SALT: Final = "00"  # the digest tells keys apart; a slow digest keeps it from giving one away
_SHOWN: Final = 10  # problems of a dry run
_SUFFIXES: Final[Mapping[str, EventFormat]] = {
    ".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "ndjson",
}  # fmt: skip


def send_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "send",
        params=[
            click.Argument(["file"], type=click.Path(dir_okay=False, allow_dash=True)),
            click.Option(
                ["shape", "--format"], type=click.Choice(["ndjson", "csv"]), help="By default, by the suffix."
            ),
            click.Option(["--journal"], type=click.Path(dir_okay=False), help="By default, FILE.lago.json."),
            click.Option(
                ["--concurrency"],
                type=click.IntRange(1, 100),
                default=CONCURRENCY,
                show_default=True,
                help="Batches in flight.",
            ),
            click.Option(["dry_run", "--dry-run"], is_flag=True, help="Check all events, and send nothing."),
            click.Option(["quiet", "-q", "--quiet"], is_flag=True, help="Show no progress."),
            profile_option(),
        ],
        callback=click.pass_context(_run),
        help="Send the events of a file: NDJSON, or CSV with a header (code, external_subscription_id, "
        "properties.NAME, ...). After any interruption, run the same command again: it resumes, and no event is billed "
        "twice.",
        short_help="Send the events of a file (NDJSON or CSV); it resumes after any interruption.",
        context_settings={"max_content_width": 120},
    )


def _run(ctx: click.Context, /, **values: Any) -> int:
    name: str = values["file"]
    shape: EventFormat | None = values["shape"] or _SUFFIXES.get(Path(name).suffix.lower())
    if shape is None:
        raise click.UsageError(f"{name}: add --format ndjson or --format csv")
    file = _opened(name)
    with file:
        if values["dry_run"]:
            return _check(file, shape, piped=name == "-" or not file.seekable())
        client = access_of(profile_of(ctx, values)).client()
        given = None if values["journal"] is None else Path(values["journal"])
        piped = name == "-" or not file.seekable()
        journal = None if piped else JournalFile(Path(name), given or Path(f"{name}.lago.json"))
        if journal is not None and not lock(file):
            raise LagoConfigError(f"{name} is being sent by another process: wait until it has ended")
        interruption = Interruption()
        run = _Sending(client, file, shape, journal, concurrency=values["concurrency"], quiet=values["quiet"])
        try:
            return asyncio.run(run.run(interruption))
        except (asyncio.CancelledError, KeyboardInterrupt):
            remedy = "run the same command again to resume" if journal else "run it again with the same events"
            say_error(f"lago: stopped after {run.settled:,} events; {remedy}\n")
            return interruption.code or ExitCode.INTERRUPTED


def _opened(name: str) -> BinaryIO:
    if name == "-":
        return input_stream()
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise click.UsageError(f"{name}: {error.strerror}") from None


class _Sending:
    """One run of the command."""

    def __init__(
        self,
        client: LagoClient,
        file: BinaryIO,
        shape: EventFormat,
        journal: JournalFile | None,
        *,
        concurrency: int,
        quiet: bool,
    ) -> None:
        self._client = client
        self._file = file
        self._shape: EventFormat = shape
        self._journal = journal
        self._concurrency = concurrency
        self._quiet = quiet
        self._state: Journal | None = None
        self._counts: Counter[str] = Counter()
        self._waiting: deque[EventLine] = deque()
        self._progress = ProgressLine(quiet=quiet)
        self.settled = 0

    async def run(self, interruption: Interruption) -> int:
        """Send all events that are not settled, and return the exit code."""
        interruption.watch()
        async with self._client:
            if self._journal is not None:
                owner = await _owner(self._client)
                self._state = self._journal.open(digest_of(self._file), self._shape, owner)
                self.settled, self._counts = self._state.settled, Counter(self._state.counts)
                if self._state.finished:
                    say_error(f"all events of {self._journal.source} were sent already ({self._journal.path})\n")
                    return self._end()
                if self.settled and not self._quiet:
                    say_error(f"resuming after {self.settled:,} events\n")
            try:
                await self._send()
            finally:
                self._progress.end()
                self._commit()
        return self._end()

    async def _send(self) -> None:
        results = self._client.events.ingest(self._events(self.settled), concurrency=self._concurrency)
        async with results:
            async for result in results:
                self._settle_unread()
                self._settle(self._waiting.popleft(), result)
                self._progress.show(partial(self._text, results))
        self._settle_unread()
        if self._state is not None:
            self._state.finished = True

    def _events(self, already: int) -> Iterator[Mapping[str, object]]:
        """Yield the events that no earlier run has settled, and keep their lines until they are."""
        for line in islice(read_events(self._file, self._shape), already, None):
            checked = _for_pipe(line) if self._state is None else _completed(line, self._state)
            self._waiting.append(checked)
            if checked.problem:
                self._settle_unread()
            else:
                yield checked.event

    def _settle_unread(self) -> None:
        """Settle the lines that are not events and whose turn has come."""
        while self._waiting and self._waiting[0].problem:
            self._settle(self._waiting.popleft(), None)

    def _settle(self, line: EventLine, result: IngestResult | None) -> None:
        """Count an event whose fate is known; None is that of a line that is not an event."""
        status = "invalid" if result is None else result.status
        self._counts[status] += 1
        self.settled += 1
        if result is None or not result.ok:
            problem = line.problem if result is None or result.error is None else str(result.error)
            refusal: dict[str, Json] = {
                "line": line.number,
                "status": status,
                "reason": problem or (None if result is None else result.reason),
                "event": cast("Json", msgspec.to_builtins(line.event)),
            }
            if self._journal is None:
                emit(f"{as_json(refusal, indent=None)}\n")
            else:
                self._journal.refuse(refusal)
        if not self.settled % _COMMIT_EVERY:
            self._commit()

    def _commit(self) -> None:
        if self._journal is not None and self._state is not None:
            self._state.settled, self._state.counts = self.settled, dict(self._counts)
            self._journal.commit(self._state)

    def _text(self, results: IngestResults) -> str:
        error = results.counters.last_error
        return f"{self.settled:,} events" + ("" if error is None else f"; the latest failure: {error}")

    def _end(self) -> int:
        """Say what became of the events, and return the exit code."""
        refused = self._counts["rejected"] + self._counts["invalid"]
        parts = [f"{self._counts['delivered']:,} delivered"]
        if self._counts["duplicate"]:
            parts.append(f"{self._counts['duplicate']:,} that the server had already")
        if refused:
            where = f", which are in {self._journal.refused}" if self._journal is not None else ""
            parts.append(f"{refused:,} refused{where}")
        say_error(f"{self.settled:,} events: {', '.join(parts)}\n")
        return ExitCode.EVENTS_REFUSED if refused else ExitCode.DONE


def _completed(line: EventLine, state: Journal) -> EventLine:
    """Return a line whose event has an id and a time, which are the same in each run."""
    if line.problem:
        return line
    event = dict(line.event)
    if event.get("transaction_id") is None:
        event["transaction_id"] = state.transaction_id(line.number)
    if event.get("timestamp") is None:
        event["timestamp"] = state.began_at
    return attrs.evolve(line, event=event)


def _for_pipe(line: EventLine) -> EventLine:
    """Return a line of a pipe, which cannot be resumed: without an id and a time, a second run would bill it again."""
    missing = [name for name in ("transaction_id", "timestamp") if line.event.get(name) is None]
    if line.problem or not missing:
        return line
    problem = f"{' and '.join(missing)}: each event of a pipe needs both, because only a file can be resumed"
    return attrs.evolve(line, problem=problem)


async def _owner(client: LagoClient) -> str:
    """Return whose events they are: the organisation; or the key, if it may not read the organisation.

    This is also the check of the key, before the first event is sent.
    """
    try:
        return f"the organisation {(await client.organizations.find()).lago_id}"
    except ForbiddenError:
        settings = client._state.settings  # pyright: ignore[reportPrivateUsage]
        owner = SpoolOwner(api_key=settings.api_key, base_url=client.base_url, find_organization=_unknown)
        return f"the key with the digest {owner.digest(_SALT)[:16]}"


async def _unknown() -> str:
    raise LagoConfigError("the key may not read its organisation")


def _check(file: BinaryIO, shape: EventFormat, *, piped: bool) -> int:
    """Check all events without sending one, and return the exit code."""
    encoder = EventEncoder()
    count = wrong = 0
    for line in read_events(file, shape):
        count += 1
        problem = (_for_pipe(line) if piped else line).problem
        if not problem:
            try:
                encoder.encode(line.event)
            except LagoArgumentError as error:
                problem = str(error)
        if problem:
            wrong += 1
            if wrong <= _SHOWN:
                say_error(f"line {line.number}: {printable(problem)}\n")
    say_error(f"{count:,} events, {wrong:,} of them are not valid; nothing was sent\n")
    return ExitCode.EVENTS_REFUSED if wrong else ExitCode.DONE
