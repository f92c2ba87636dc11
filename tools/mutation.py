"""Mutation tests of the pure rules: change one spot of a module at a time, and check that its tests fail.

A mutant lives in memory only: a forked process imports it in place of its module, and runs the tests that
`mutation.toml` names for the module. We do not use mutmut, because it changes neither module constants nor decorated
functions, and because it selects the tests of a mutant by one run of all tests: a rule that is compiled once and cached
is seen by one test only in such a run.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

from tools.mutants import mutants_of

ROOT: Final = Path(__file__).parent.parent
SECONDS: Final = 15
"""Processor time that the tests of one mutant may take, and four times that by the clock; then it counts as killed."""

# Imported once, before the fork. Our own packages are not: each mutant imports them again, because much in them is
# compiled on first use and cached.
PRELOADED: Final = (
    "aiohttp.web",
    "anyio",
    "hypothesis.strategies",
    "msgspec",
    "pytest_asyncio",
    "uvloop",
)
# Tests of pure rules need none of conftest's fixtures. Assertions are not rewritten, because pytest would rewrite those
# of our package, too, which has a plugin: it would import the module from its file, and not the mutant.
PYTEST: Final = ("-x", "-q", "--noconftest", "--assert=plain", "-pno:cacheprovider", "-pno:lago")
NOT_IMPORTED: Final = 99
"""Exit code of tests that pass, but import the module from elsewhere."""


class Equivalent(NamedTuple):
    """A mutant that no test can tell from the module."""

    module: str
    before: str
    after: str


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports one module from a changed source."""

    def __init__(self, module: Path, source: str) -> None:
        self._name = ".".join(module.with_suffix("").parts)
        self._path = str(ROOT / module)
        self._source = source

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        """Find the module, and no other."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._path, loader=self)

    @property
    def is_imported(self) -> bool:
        """Whether the module of the process is this one."""
        found = sys.modules.get(self._name)
        return found is not None and found.__spec__ is not None and found.__spec__.loader is self

    def get_source(self, fullname: str) -> str:  # noqa: ARG002
        """Return the changed source; Python compiles it, and takes no cached file, which would be the original's."""
        return self._source


def survives(module: Path, source: str, tests: Sequence[str]) -> bool:
    """Return whether the tests pass with this source in place of the module's."""
    child = os.fork()
    if child == 0:
        _run_tests(module, source, tests)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == NOT_IMPORTED:
        sys.exit(f"{module}: its tests do not import the mutant: {' '.join(tests)}")
    return code == 0


def _run_tests(module: Path, source: str, tests: Sequence[str]) -> None:
    import resource

    import pytest

    signal.alarm(4 * SECONDS)
    limit = int(time.process_time()) + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    mutated = Mutated(module, source)
    sys.meta_path.insert(0, mutated)
    code = 1
    try:
        code = int(pytest.main([*PYTEST, *tests]))
        if code == 0 and not mutated.is_imported:
            code = NOT_IMPORTED
    finally:
        os._exit(code)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def examine(module: Path, tests: Sequence[str], equivalent: set[Equivalent]) -> Counter[str]:
    """Run all mutants of a module, print those that survive, and return how many there were of each kind."""
    source = (ROOT / module).read_text("utf-8")
    if not survives(module, source, tests):
        sys.exit(f"{module}: its tests fail without a mutant: {' '.join(tests)}")
    counts: Counter[str] = Counter()
    seen: set[Equivalent] = set()
    for mutant in mutants_of(source):
        key = Equivalent(str(module), mutant.before, mutant.after)
        counts["mutants"] += 1
        if key in equivalent - seen:  # an entry stands for one mutant
            seen.add(key)
            counts["equivalent"] += 1
        elif survives(module, mutant.source, tests):
            counts["survived"] += 1
            _say(f"{module}:{mutant.line}: survived\n    - {mutant.before}\n    + {mutant.after}")
        else:
            counts["killed"] += 1
    for key in sorted(equivalent - seen):
        counts["survived"] += 1
        _say(f"{module}: mutation.toml lists a mutant that does not exist\n    - {key.before}\n    + {key.after}")
    return counts


def _use_few_examples() -> None:
    """Make property tests quick and the same for each mutant, without a search for the smallest example."""
    from hypothesis import HealthCheck, Phase, settings

    settings.register_profile(
        "mutation",
        max_examples=25,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("mutation")


def main() -> int:
    """Examine the modules named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", help="parts of paths, such as _net/retry; by default all")
    wanted: list[str] = parser.parse_args().modules
    settings = tomllib.loads((Path(__file__).parent / "mutation.toml").read_text("utf-8"))
    equivalent = {Equivalent(each["module"], each["before"], each["after"]) for each in settings["equivalent"]}
    for name in PRELOADED:
        importlib.import_module(name)
    _use_few_examples()
    os.chdir(ROOT)
    survived = 0
    for name, tests in settings["modules"].items():
        if wanted and not any(part in name for part in wanted):
            continue
        began = time.monotonic()
        counts = examine(Path(name), tests, {each for each in equivalent if each.module == name})
        survived += counts["survived"]
        _say(
            f"{name}: {counts['mutants']} mutants, {counts['killed']} killed, {counts['survived']} survived, "
            f"{counts['equivalent']} equivalent, in {time.monotonic() - began:.0f} s"
        )
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
