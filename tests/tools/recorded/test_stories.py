"""Every recorded story is told to the sandbox: what was equal to a running Lago stays so."""

import pytest

from tools.recorded import differing
from tools.recorded.recordings import names, read
from tools.recorded.telling import tell

PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_no_exchange_differs_that_the_list_does_not_name(part: int) -> None:
    found = {name: tell(name, read(name)).differing() for name in names()[part::PARTS]}
    grown = differing.grown(found)
    assert not grown, f"see `make recorded`: {' '.join(grown[:20])}"
