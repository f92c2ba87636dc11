"""Fixtures of the export's tests."""

import pytest

from lago_async.usage._export import intake
from lago_async.usage._formats.choice import FORMATS


@pytest.fixture
def early_spill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Move the rows of an unfinished subscription to a temporary file as soon as there are three."""
    monkeypatch.setattr(intake, "_ROWS_HELD", 3)
    monkeypatch.setattr(intake, "_LEAVES_AT_ONCE", 3)
    for file_format in FORMATS.values():
        monkeypatch.setattr(file_format, "rows_together", 4)
