"""The wheel can be built, installed into its own environment, and used for both faces."""

import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from lago_async.version import __version__
from tests.test_readme import FIRST, PRINTED

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    # Without isolation: the build needs hatchling, which is installed, and no network.
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_wheel_holds_both_packages_typed_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {
        "lago_async",
        "lago_sync",
        f"lago_async-{__version__}.dist-info",
    }
    assert {"lago_async/py.typed", "lago_sync/py.typed"} <= set(names)
    assert "lago_sync/resources/customers.py" in names
    assert "lago_async/sandbox/_server/server.py" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_source_distribution_can_be_tested(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "tests/conftest.py", "tools/make_contract.py"} <= names
    assert {"docs/architecture.md", ".ci/run"} <= names
    contract = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests/contract").rglob("*.json")}
    assert contract
    assert contract <= names


def test_both_faces_work_from_an_installed_wheel(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True)  # pip comes with Python, not from the network
    python = tmp_path / "venv" / "bin" / "python"
    install = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--disable-pip-version-check",
        str(wheel),
    ]
    subprocess.run(install, check=True, timeout=120)
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.check_output(where, text=True).strip())
    # The dependencies come from the environment of the tests, after the wheel: no network is needed.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    script = tmp_path / "use.py"
    script.write_text(f"""
import asyncio
import lago_async, lago_sync
from lago_async.sandbox import Sandbox

assert lago_async.__file__.startswith({str(site)!r}), lago_async.__file__
assert lago_sync.__file__.startswith({str(site)!r}), lago_sync.__file__
assert lago_async.__version__ == lago_sync.__version__ == {__version__!r}

async def use_async(sandbox):
    async with lago_async.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        await client.customers.create({{"external_id": "cus_1"}})

with Sandbox() as sandbox:
    asyncio.run(use_async(sandbox))
    with lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        print(client.customers.find("cus_1").external_id)
""")
    command = [str(python), "-W", "error", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "cus_1\n", "")
    for program in FIRST.values():  # a newcomer pastes them after `pip install`
        (tmp_path / "first.py").write_text(program, encoding="utf-8")
        command = [str(python), "-W", "error", "first.py"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, PRINTED, "")
