"""Write the contract again: `python -m tools.make_contract [openapi.yaml]`.

The contract is made from two folders in tests/contract: the facts of the public description, and the overlay. With the
public description as argument, the facts of it are renewed first.
"""

import argparse
from pathlib import Path

import yaml

from .contract import files
from .contract.description import description
from .contract.overlay import contract


def main() -> None:
    """Write the files, the overlay included: it is edited by hand, and written as the others are."""
    parser = argparse.ArgumentParser(prog="python -m tools.make_contract", description="Write the contract again.")
    parser.add_argument("openapi", nargs="?", type=Path, help="the public description: renew the facts of it first")
    path: Path | None = parser.parse_args().openapi
    if path is not None:
        files.write(files.DESCRIPTION, description(yaml.safe_load(path.read_text(encoding="utf-8"))))
    overlay = files.read(files.OVERLAY)
    files.write(files.CONTRACT, contract(files.read(files.DESCRIPTION), overlay))
    files.write(files.OVERLAY, overlay)


if __name__ == "__main__":
    main()
