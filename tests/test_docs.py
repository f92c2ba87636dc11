"""The maintainers' pages are true: the names in them exist, and their lists match the code."""

import ast
import importlib
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from lago_async import ENDPOINTS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [
    *(page for page in sorted(DOCS.rglob("*.md")) if "reference" not in page.relative_to(DOCS).parts),  # is generated
    ROOT / "CHANGELOG.md",
]
ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGES = ("lago_async", "lago_sync")


def section(page: str, heading: str) -> str:
    """Return the text of a page under a heading, up to the next heading of the same level."""
    _, found, rest = page.partition(f"\n## {heading}\n")
    assert found, f"there is no heading {heading!r}"
    return rest.partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of the tables in a text, without their headings."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for index, row in enumerate(cells[2:], 2) if index and not set(row[0]) <= set("-: ")]


def ticked(text: str) -> list[str]:
    """Return the texts in backticks, outside of code blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))


# --- process-wide state -----------------------------------------------------------------------------------------------

# Everything in these modules is process-wide, except their constants.
WATCHED_MODULES = frozenset({
    "atexit", "codecs", "copyreg", "ctypes", "faulthandler", "fcntl", "gc", "locale", "logging", "mimetypes",
    "multiprocessing", "random", "readline", "resource", "signal", "site", "subprocess", "tempfile", "tracemalloc",
    "warnings",
})  # fmt: skip

# Everything in these, except calls that only read a fact or make an object of their own.
HARMLESS = {
    "sys": {"argv", "executable", "exit", "implementation", "is_finalizing", "maxsize", "platform", "version_info"},
    "threading": {"Barrier", "Condition", "Event", "Lock", "RLock", "Semaphore", "current_thread", "get_ident"},
}

WATCHED_NAMES = frozenset({
    "asyncio.run", "asyncio.set_child_watcher", "asyncio.set_event_loop", "asyncio.set_event_loop_policy",
    "asyncio.to_thread", "anyio.run", "anyio.to_thread.run_sync", "contextvars.ContextVar", "decimal.getcontext",
    "decimal.localcontext", "decimal.setcontext", "functools.cache", "functools.lru_cache", "os._exit", "os.abort",
    "os.chdir", "os.dup2", "os.environ", "os.environb", "os.fork", "os.getenv", "os.kill", "os.killpg", "os.nice",
    "os.putenv", "os.register_at_fork", "os.setpgid", "os.setsid", "os.umask", "os.unsetenv",
    "socket.setdefaulttimeout", "time.tzset", "weakref.finalize",
})  # fmt: skip

# Methods of an event loop, which may be the program's.
WATCHED_METHODS = frozenset({
    "add_signal_handler", "remove_signal_handler", "set_debug", "set_default_executor", "set_exception_handler",
    "set_task_factory",
})  # fmt: skip

MUTABLE = frozenset({
    "Counter", "ContextVar", "OrderedDict", "WeakKeyDictionary", "WeakSet", "WeakValueDictionary", "defaultdict",
    "deque", "dict", "list", "set",
})  # fmt: skip


def watched(name: str) -> bool:
    """Tell whether a dotted name belongs to the whole process."""
    module, _, attribute = name.partition(".")
    if not attribute or attribute.isupper():
        return False
    if module in HARMLESS:
        return attribute.partition(".")[0] not in HARMLESS[module]
    return module in WATCHED_MODULES or any(f"{name}.".startswith(f"{each}.") for each in WATCHED_NAMES)


def uses(source: str) -> set[str]:
    """Return the process-wide names that a module uses, and its own variables that can change."""
    tree = ast.parse(source)
    imported: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                imported[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module is not None and not node.level:
            imported |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in WATCHED_METHODS:
            found.add(f"loop.{node.attr}")
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            if dotted(node.value, imported) == "os.environ":
                found.add("os.environ, written")
        elif isinstance(node, ast.Global):
            found.update(node.names)
        elif isinstance(node, ast.Attribute | ast.Name) and (name := dotted(node, imported)) and watched(name):
            found.add(name)
    written = {name for name in found if re.fullmatch(r"os\.environ\.(?:clear|pop|popitem|setdefault|update)", name)}
    if written:
        found.add("os.environ, written")
    return outermost(found) | set(variables(tree))


def dotted(node: ast.expr, imported: dict[str, str]) -> str | None:
    """Return the whole name of an expression that begins with something imported, or with a builtin that prints."""
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value, imported)
        return None if inner is None else f"{inner}.{node.attr}"
    if isinstance(node, ast.Name):
        return "sys.stdout" if node.id == "print" else imported.get(node.id)
    return None


def outermost(names: set[str]) -> set[str]:
    """Drop the parts of a name after the process-wide one: ``sys.stdout`` is left of ``sys.stdout.write``."""
    return {name for name in names if not any(name.startswith(f"{other}.") for other in names)}


def variables(tree: ast.Module) -> Iterator[str]:
    """Yield the variables that can change: empty containers, objects of own classes, process-local state."""
    own = {node.name for node in tree.body if isinstance(node, ast.ClassDef) and not frozen(node)}
    for node in statements(tree.body):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and node.value is not None and can_change(node.value, own):
            yield target.id


def statements(body: list[ast.stmt]) -> Iterator[ast.Assign | ast.AnnAssign]:
    for node in body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            yield node
        elif isinstance(node, ast.If):
            yield from statements([*node.body, *node.orelse])


def frozen(node: ast.ClassDef) -> bool:
    bases = " ".join(map(ast.unparse, node.bases))
    return (
        "Enum" in bases or "NamedTuple" in bases or any("frozen" in ast.unparse(each) for each in node.decorator_list)
    )


def can_change(value: ast.expr, own: set[str]) -> bool:
    if isinstance(value, ast.Call):
        name = ast.unparse(value.func).partition("[")[0].rpartition(".")[2]
        return name in own or name == "ProcessLocal" or (name in MUTABLE and not value.args)
    return isinstance(value, ast.Dict | ast.List | ast.Set) and ast.unparse(value) in ("{}", "[]")


def files() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path


def test_every_use_of_process_wide_state_has_its_owner_in_the_architecture_page() -> None:
    listed: set[tuple[str, str]] = set()
    for _, owners, used, *_ in rows(section(ARCHITECTURE, "Process-wide state and its owners")):
        listed |= set(product(ticked(owners), ticked(used)))
    found = {(name, use) for name, path in files() for use in uses(path.read_text(encoding="utf-8"))}
    assert sorted(found - listed) == [], "add a row to the table, or leave it to the owner that the table names"
    assert sorted(listed - found) == [], "the table lists what the code does not do any more"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import gc\ngc.disable()", {"gc.disable"}),
        ("import gc as g\ndef f():\n    g.set_threshold(0)", {"gc.set_threshold"}),
        ("from signal import SIGINT, signal\nsignal(SIGINT, None)", {"signal.signal"}),
        ("import warnings\nwarnings.filterwarnings('ignore')", {"warnings.filterwarnings"}),
        ("import os\nos.environ['A'] = os.getenv('B')", {"os.environ", "os.environ, written", "os.getenv"}),
        ("from os import environ\nenviron.update(A='B')", {"os.environ", "os.environ, written"}),
        ("import os\nos.environ.get('A')", {"os.environ"}),
        ("import sys\nsys.excepthook = None; sys.setswitchinterval(1)", {"sys.excepthook", "sys.setswitchinterval"}),
        ("import sys\nsys.stdout.write(sys.platform)", {"sys.stdout"}),
        ("print(1)", {"sys.stdout"}),
        ("import threading\nthreading.excepthook = None; threading.Lock()", {"threading.excepthook"}),
        ("import asyncio\nasyncio.set_event_loop_policy(None)", {"asyncio.set_event_loop_policy"}),
        ("def f(loop):\n    loop.add_signal_handler(2, f)", {"loop.add_signal_handler"}),
        ("import logging\nlogging.basicConfig(level=logging.DEBUG)", {"logging.basicConfig"}),
        ("import anyio.to_thread\nanyio.to_thread.run_sync(f)", {"anyio.to_thread.run_sync"}),
        ("from functools import cache\n@cache\ndef f(): ...", {"functools.cache"}),
        ("_seen: set[str] = set()\n_names = {'a'}\nif 1:\n    _more = {}", {"_seen", "_more"}),
        ("class P: ...\nclass E(Enum): ...\np = P()\ne = E(1)", {"p"}),
        ("p = ProcessLocal(1, f)", {"p"}),
        ("n = 0\ndef f():\n    global n\n    n += 1", {"n"}),
        ("import os, sys\nos.getpid(); sys.platform; local = set('ab')", set()),
    ],
)
def test_the_audit_sees(source: str, found: set[str]) -> None:
    assert uses(source) == found


def test_every_test_that_holds_an_owner_exists() -> None:
    table = rows(section(ARCHITECTURE, "Process-wide state and its owners"))
    assert all(len(row) == 6 for row in table)
    for thing, *_, tests in table:
        assert ticked(tests), f"{thing}: no test holds it"


# --- layers -----------------------------------------------------------------------------------------------------------


def layers() -> list[list[str]]:
    """Return the layers of the page, from the bottom up: each a list of modules and folders."""
    return [
        ticked(line) for line in re.findall(r"^\d+\. (.*(?:\n   .*)*)", section(ARCHITECTURE, "Layers"), re.MULTILINE)
    ]


def layer_of(path: str) -> int | None:
    """Return the number of a file's layer: that of the longest name that it begins with."""
    places = [(len(name), number) for number, names in enumerate(layers()) for name in names if inside(path, name)]
    return max(places)[1] if places else None


def inside(path: str, name: str) -> bool:
    return path == name or (name.endswith("/") and path.startswith(name))


def imports(path: Path) -> Iterator[str]:
    """Yield the files that a module imports from the two packages when it runs, at any depth of its code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    checking = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if node in checking:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in PACKAGES:
            for alias in node.names:
                yield file_of(f"{node.module}.{alias.name}") or file_of(node.module) or node.module
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] in PACKAGES:
                    yield file_of(alias.name) or alias.name


def file_of(module: str) -> str | None:
    path = module.replace(".", "/")
    return next((name for name in (f"{path}.py", f"{path}/__init__.py") if (ROOT / name).is_file()), None)


def test_every_module_stands_in_a_layer() -> None:
    assert [name for name, _ in files() if layer_of(name) is None] == []


def test_imports_point_down() -> None:
    wrong: list[str] = []
    for name, path in files():
        own = layer_of(name)
        for target in imports(path):
            other = layer_of(target)
            if own is not None and (other is None or other > own):
                wrong.append(f"{name} imports {target}")
    assert wrong == []


# --- names ------------------------------------------------------------------------------------------------------------


def missing(name: str) -> bool:
    """Tell whether a text in backticks looks like a file, a module, a target or a test of ours, and does not exist."""
    if name.endswith(("/quotes.py", "/quotes.json")):
        return False  # the example of the contributing page adds them
    if re.search(r"[<{*\s]", name) and not name.startswith("make "):
        return False
    if name.startswith("make "):
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return name.split()[1] not in targets
    if re.fullmatch(r"test_\w+", name):
        return name not in all_tests()
    if re.fullmatch(r"(?:lago_async|lago_sync|tools|tests)(?:\.\w+)+", name) and not name.endswith(".py"):
        return not importable(name)
    if re.match(r"(?:lago_async|lago_sync|tools|tests|docs|examples|\.ci)/", name):
        return not (ROOT / name).exists()
    if re.fullmatch(r"[\w.-]+\.(?:py|md|toml)", name):
        return not any(ROOT.glob(name)) and not any(DOCS.glob(name))
    return False


def all_tests() -> set[str]:
    return {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in [path.stem, *re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))]
    }


def importable(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    try:
        importlib.import_module(name)
    except ImportError:
        return "." in name and importable(module) and hasattr(importlib.import_module(module), attribute)
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_name_in_a_page_exists(page: Path) -> None:
    assert [name for name in ticked(page.read_text(encoding="utf-8")) if missing(name)] == []


def test_the_modules_that_are_listed_for_a_folder_are_in_it() -> None:
    listed = [
        (folder, name)
        for path, content in rows(section(ARCHITECTURE, "What is where"))
        for folder in ticked(path)
        for name in ticked(content)
        if folder.endswith("/") and re.fullmatch(r"[a-z_]+", name)
    ]
    assert listed
    assert [pair for pair in listed if not any((ROOT / f"{''.join(pair)}{end}").exists() for end in ("", ".py"))] == []


def test_a_name_that_does_not_exist_is_found() -> None:
    assert missing("lago_async/_net/no_such.py")
    assert missing("lago_async.no_such")
    assert missing("make no-such")
    assert missing("test_no_such")
    assert missing("no_such.py")
    assert not missing("lago_async/_net/")
    assert not missing("lago_async.errors")
    assert not missing("lago_async.errors.LagoError")
    assert not missing("test_docs")
    assert not missing("client.customers.find")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_readme_links_to_every_page() -> None:
    linked = set(re.findall(r"\]\((docs/[\w/-]+\.md)\)", README))
    assert linked == {page.relative_to(ROOT).as_posix() for page in PAGES} - {"docs/index.md", "CHANGELOG.md"}


def test_the_readme_has_the_number_of_operations_and_no_other_page_repeats_it() -> None:
    count = len(ENDPOINTS)
    (stated,) = re.findall(r"(\d[\d,]*)\s+operations\b", README)
    assert stated == f"{count:,}", f"README.md says {stated} operations, but the table has {count:,}"
    others = [page.name for page in PAGES if re.search(rf"\b{count:,}\s+operations\b", page.read_text("utf-8"))]
    assert others == [], "README.md alone says how many operations there are"


# --- the changelog ----------------------------------------------------------------------------------------------------

CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


def test_the_changelog_has_its_form() -> None:
    versions = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    assert versions[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}", version) for version in versions[1:])
    for version in re.split(r"^## .*$", CHANGELOG, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.*)$", version, re.MULTILINE)
        assert kinds == sorted(set(kinds), key=KINDS.index)
        entries = re.findall(r"^- .*(?:\n  .*)*", version, re.MULTILINE)
        assert entries
        assert [entry for entry in entries if not entry.endswith(".")] == []
