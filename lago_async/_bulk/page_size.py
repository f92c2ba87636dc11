"""How many periods to ask for at a time, so that one response stays near half a megabyte."""

from __future__ import annotations

from typing import Final


class PageSize:
    """The page size of one run of past usage.

    A period takes 0.5 KB to 5 MB, depending on the plans, so the page size follows the responses seen so far.
    """

    TARGET: Final = 512 * 1024
    """Bytes of a response."""

    FIRST: Final = 3
    """Periods, before any response has been seen."""

    MOST: Final = 100
    """Periods."""

    MEMORY: Final = 0.9
    """The weight of a response is multiplied by this with every later one."""

    def __init__(self, fixed: int | None = None) -> None:
        self._fixed = fixed
        self._limit: int | None = None
        self._periods = 0.0
        self._bytes = 0.0

    @property
    def wanted(self) -> int:
        """Periods to ask for, before any other limit."""
        if self._fixed is not None:
            wanted = self._fixed
        elif self._periods:
            wanted = max(1, min(self.MOST, int(self.TARGET * self._periods / max(1.0, self._bytes))))
        else:
            wanted = self.FIRST
        return wanted if self._limit is None else min(wanted, self._limit)

    def learn(self, periods: int, size: int) -> None:
        """Account for a response: its number of periods and of bytes."""
        if periods:
            self._periods = self._periods * self.MEMORY + periods
            self._bytes = self._bytes * self.MEMORY + size

    def limit(self, periods: int) -> None:
        """Never ask for more than this, because the server does not give it."""
        self._limit = periods

    @staticmethod
    def aligned(offset: int, wanted: int) -> int:
        """Return the largest size up to ``wanted`` of which ``offset`` is a multiple.

        The server knows no offsets, only numbers of pages of one size.
        """
        return next(size for size in range(min(wanted, offset or wanted), 0, -1) if offset % size == 0)
