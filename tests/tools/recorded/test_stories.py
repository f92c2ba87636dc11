"""Every recorded story is told to the sandbox: what was equal to a running Lago stays so."""

import pytest

from tools.recorded import differing, differing_webhooks
from tools.recorded.recordings import names, read
from tools.recorded.telling import tell

PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_no_exchange_differs_that_the_list_does_not_name(part: int) -> None:
    told = [tell(name, read(name)) for name in names()[part::PARTS]]
    grown = differing.grown({each.name: each.differing() for each in told})
    assert not grown, f"see `make recorded`: {' '.join(grown[:20])}"
    webhooks = differing_webhooks.grown({each.name: each.differing_webhooks() for each in told})
    assert not webhooks, f"see `make recorded`: {', '.join(webhooks[:20])}"


def test_everything_that_differs_has_a_reason_and_every_reason_is_needed() -> None:
    found = {
        read(name)["exchanges"][number]["operation"]
        for name, numbers in differing.known().items()
        for number in numbers
    }
    assert found == set(differing.reasons())
    assert differing_webhooks.known_types() == set(differing_webhooks.reasons())
