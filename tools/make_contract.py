"""Write the contract again: `python -m tools.make_contract [openapi.yaml]`.

The contract is made from two folders in tests/contract: the facts of the public description, and the overlay. With the
public description as argument, its facts are first written again.
"""

import argparse
from pathlib import Path

import yaml

from .contract import files
from .contract.description import description
from .contract.overlay import contract


def main() -> None:
    """Write all files. The overlay is edited by hand, and is written again in the format of the others."""
    parser = argparse.ArgumentParser(prog="python -m tools.make_contract", description="Write the contract again.")
    parser.add_argument("openapi", nargs="?", type=Path, help="the public description; first write its facts again")
    path: Path | None = parser.parse_args().openapi
    if path is not None:
        files.write(files.DESCRIPTION, description(yaml.safe_load(path.read_text(encoding="utf-8"))))
    overlay = files.read(files.OVERLAY)
    files.write(files.CONTRACT, contract(files.read(files.DESCRIPTION), overlay))
    files.write(files.OVERLAY, overlay)


if __name__ == "__main__":
    main()
