"""Check the repository's prose for wordings that a reader has to read twice.

Prose is docstrings, comments, help texts, messages of errors, and Markdown outside of code. Code in backticks is not
prose. Each `Wording` is a pattern and what to write instead. A pattern that often hits good English has no place here.

    python -m tools.prose            # show the hits; fail if there are any
    python -m tools.prose --count    # show the number of hits per file
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parent.parent


@attrs.frozen
class Wording:
    """A wording to avoid.

    Attributes:
        pattern: A regular expression. A space matches any white space; `<start>` matches the start of a sentence.
        instead: What to write instead.
        bad: A text that the pattern hits.
        good: A similar text that the pattern does not hit.
    """

    pattern: str
    instead: str
    bad: str
    good: str

    def compiled(self) -> re.Pattern[str]:
        """Return the pattern as an expression that spans line ends."""
        return re.compile(self.pattern.replace("<start>", _START).replace(" ", r"\s+"))


# A sentence starts where a text or a paragraph starts, and after the end of another. "e.g." ends none.
_START = r"(?:\A\s*|(?<!e\.g)(?<!i\.e)[.!?][`\"')*]*\s+|\n\s*\n\s*)"

WORDINGS = (
    Wording(
        r"<start>(?:What|Who|That which)\b(?![^.?!]*\?)",
        "name the thing or the person, then a verb",
        bad="What a job sees of them is what it goes by.",
        good="What does it cost? The page size follows the responses.",
    ),
    Wording(
        r"\b(?:to|by|from|for|with|than) who\b",
        "name the person: 'to the reader'",
        bad="it goes to who reads",
        good="raised to the reader, who may retry",
    ),
    Wording(
        r"\bwhoever\b",
        "name the person: 'the reader', 'the caller'",
        bad="whoever reads it finds it whole",
        good="a reader finds it complete",
    ),
    Wording(
        r"\b(?:[Nn]o|[Ee]very)body\b",
        "name the person or the part: 'no caller', 'every customer'",
        bad="Usage of everybody, on disk.",
        good="Usage of every customer, on disk.",
    ),
    Wording(
        r"\b(?:[Ss]o many|the newest few)\b(?! \w+ that\b)",
        "'N at a time', 'at most N', 'this many'",
        bad="Only the newest so many of them.",
        good="There are so many rows that they are streamed.",
    ),
    Wording(r"\bunder way\b", "'in flight', 'running'", bad="calls under way", good="calls in flight"),
    Wording(r"\banew\b", "'again', 'from the start'", bad="Begin anew.", good="Begin again; a new file."),
    Wording(
        r"(?<!here\s)\b(?:is|are|was|were) no (?!longer\b|more\b|later\b|less\b|larger\b)",
        "'is not a'",
        bad="The answers are no pages.",
        good="There is no limit, and the file is no longer there.",
    ),
    Wording(
        r"(?<!here\s)\b(?:is|are) none\b",
        "'is not one', 'is not a ...'",
        bad="the server fails on text that is none",
        good="None where there is none",
    ),
    Wording(
        r"\b(?:line|row|file|page|call|lock|request|task|bar|thread|process|connection|subscription)s?"
        r" an? (?:line|row|file|page|call|charge|subscription|request|turn|job|customer|period|thread|process)\b",
        "'per'",
        bad="one row a charge",
        good="one row per charge; change a row",
    ),
    Wording(r"\bbeside\b(?!:)", "'next to', 'with', 'besides'", bad="ignored beside it", good="next to it"),
    Wording(r"\b[Ss]hall\b", "'must', 'will'", bad="The task shall end.", good="The task must end."),
    Wording(
        r"\b(?:go|goes|going|went) on\b(?=[.,:;)]| (?:where|from|after|as|with|writing|reading|working|and)\b)",
        "'continue', 'resume'",
        bad="the same call goes on where it was",
        good="the same call resumes there; the load that goes on one core",
    ),
    Wording(r"\blet(?:s|ting)? go of\b", "'release', 'drop'", bad="lets go of its socket", good="releases its socket"),
    Wording(
        r"\b(?:calls|pages|requests|responses|rows|events|times|turns) an? (?:second|minute|month|period)\b",
        "'per'",
        bad="1,600 pages a second",
        good="1,600 pages per second",
    ),
    Wording(
        r"\bunless given\b",
        "'by default ...', 'the default is ...'",
        bad="Items on a page, 100 unless given.",
        good="Items per page; by default 100. Required unless a page is given.",
    ),
    Wording(
        r"\b(?:left|leav(?:e|es|ing)) out\b",
        "'omit', 'skip', 'without'",
        bad="Deleted customers are left out.",
        good="Customers without the deleted ones; leave the rest.",
    ),
    Wording(
        r", as (?:is|are|do|does) (?!well\b)[`\w]",
        "'like ...'",
        bad="None in lists, as is ``code``.",
        good="None in lists, like ``code``; returned as is.",
    ),
    Wording(
        r"\b[Mm]oments?\b(?! of inertia)",
        "'time', 'when'",
        bad="Created at this moment or later.",
        good="Created at this time or later.",
    ),
    Wording(
        r"\b[Ss]ide by side\b",
        "'concurrently', 'in parallel'",
        bad="many inputs side by side",
        good="many inputs concurrently",
    ),
    Wording(
        r"\b[Tt]win\b",
        "'counterpart', 'alias', 'version'",
        bad="the blocking twin",
        good="the blocking counterpart",
    ),
    Wording(
        r"\b(?:much ado|in the midst of|[Ss]eldom|[Ll]est|as good as|[Hh]itherto|amiss|of no avail|has its way|in vain"
        r"|for good|told apart|out of reach|pil(?:e|es|ed|ing) up|next to (?:nothing|none)|and the like)\b",
        "a plain word: 'directly', 'during', 'rarely', 'so that ... not', 'permanently', 'similar'",
        bad="The collector has its way seldom.",
        good="The collector rarely runs.",
    ),
)


@attrs.frozen
class Text:
    """A piece of prose and the line of its file where it starts."""

    line: int
    words: str


@attrs.frozen
class Hit:
    """A wording that was found."""

    path: str
    line: int
    found: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.found!r}: write {self.instead}"


def hits(path: str, texts: Iterable[Text]) -> Iterator[Hit]:
    """Find the listed wordings in the texts of a file."""
    for text in texts:
        prose = re.sub(r"(`+)[^`]+\1", _blank, text.words)
        for wording in WORDINGS:
            for match in wording.compiled().finditer(prose):
                lead = len(match.group()) - len(match.group().lstrip(".!?`\"')* \n"))
                line = text.line + prose.count("\n", 0, match.start() + lead)
                yield Hit(path, line, " ".join(match.group()[lead:].split()), wording.instead)


def texts(path: str, content: str) -> Iterator[Text]:
    """Find the prose of a file; generated files and files of other kinds have none."""
    if content.startswith("# GENERATED"):
        return
    if path.endswith(".py"):
        yield from _strings(ast.parse(content))
        yield from _comments(content)
    elif path.endswith(".md"):
        yield Text(1, re.sub(r"^```.*?^```", _blank, content, flags=re.DOTALL | re.MULTILINE))
    elif path.endswith(".toml") or Path(path).name in {"Makefile", "run"}:
        for number, line in enumerate(content.splitlines(), 1):
            _, mark, comment = line.partition("# ")
            if mark:
                yield Text(number, comment)


def _strings(tree: ast.Module) -> Iterator[Text]:
    """Find docstrings, help texts of command lines, and messages of errors."""
    for node in ast.walk(tree):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                match node.body:
                    case [ast.Expr(ast.Constant(str(words)) as docstring), *_]:
                        yield Text(docstring.lineno, words)
                    case _:
                        pass
            case ast.keyword("help" | "description" | "epilog", value):
                yield from _literals(value)
            case ast.Raise(ast.Call() as call):
                for argument in call.args:
                    yield from _literals(argument)
            case _:
                pass


def _literals(node: ast.expr) -> Iterator[Text]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield Text(part.lineno, part.value)


def _comments(content: str) -> Iterator[Text]:
    """Find comments; comments on consecutive lines are one text."""
    start = end = 0
    lines: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(content).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        alone = not token.line[: token.start[1]].strip()
        if lines and (line != end + 1 or not alone):
            yield Text(start, "\n".join(lines))
            lines = []
        if not lines:
            start = line
        lines.append(token.string.lstrip("#:").strip())
        end = line
    if lines:
        yield Text(start, "\n".join(lines))


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"\S", "x", match.group())


def files() -> Iterator[str]:
    """List the files of the repository, including uncommitted ones."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    read = (path for path in sorted(listed.splitlines()) if not path.endswith((".gz", "tools/prose.py")))
    return (path for path in read if (ROOT / path).is_file())


def main() -> int:
    """Check the files; return the exit code."""
    parser = argparse.ArgumentParser(description="Check prose for wordings that a reader has to read twice.")
    parser.add_argument("--count", action="store_true", help="show only the number of hits per file")
    options = parser.parse_args()
    found: dict[str, list[Hit]] = {}
    for path in files():
        content = (ROOT / path).read_text(encoding="utf-8")
        if of_file := sorted(hits(path, texts(path, content)), key=lambda hit: hit.line):
            found[path] = of_file
    if options.count:
        for path, of_file in found.items():
            print(f"{len(of_file):4} {path}")
        return 0
    for hit in (hit for of_file in found.values() for hit in of_file):
        print(hit)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
