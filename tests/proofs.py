"""Proofs that kill processes, in a process of their own, as their commands run them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def check_proof(module: str, *options: str) -> None:
    """Run a module's proof, and fail with its output if it does not hold."""
    ran = subprocess.run(
        [sys.executable, "-m", module, *options],
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
