"""The number of periods to request at a time, so that one response stays near half a megabyte."""

from __future__ import annotations

from typing import Final


class PageSize:
    """The page size of one run of past usage.

    A period takes 0.5 KB to 5 MB, depending on the plans, so the page size follows the responses seen so far.

    Args:
        fixed: The size that the caller wants; None for one that follows the responses.
        weight: The bytes of a period that an earlier run has seen, if any.
    """

    TARGET: Final = 512 * 1024
    """The size of a response to aim for, in bytes."""

    FIRST: Final = 3
    """The number of periods before any response has been seen."""

    MOST: Final = 100
    """The maximum number of periods."""

    MEMORY: Final = 0.9
    """The factor by which each new response reduces the weight of the earlier ones."""

    def __init__(self, fixed: int | None = None, weight: int | None = None) -> None:
        self._fixed = fixed
        self._limit: int | None = None
        # Periods and bytes. They are one value, because walks may begin on another thread than the one that decodes.
        self._seen = (0.0, 0.0) if weight is None else (1.0, float(weight))

    @property
    def wanted(self) -> int:
        """The number of periods to request, before any other limit."""
        periods, size = self._seen
        if self._fixed is not None:
            wanted = self._fixed
        elif periods:
            wanted = max(1, min(self.MOST, int(self.TARGET * periods / max(1.0, size))))
        else:
            wanted = self.FIRST
        return wanted if self._limit is None else min(wanted, self._limit)

    @property
    def weight(self) -> int | None:
        """The bytes of a period in the responses so far; None before any has been seen."""
        periods, size = self._seen
        return int(size / periods) if periods else None

    def learn(self, periods: int, size: int) -> None:
        """Take a response into account, by its number of periods and of bytes."""
        if periods:
            periods_before, size_before = self._seen
            self._seen = periods_before * self.MEMORY + periods, size_before * self.MEMORY + size

    def limit(self, periods: int) -> None:
        """Never request more periods than this, because the server does not send more."""
        self._limit = periods

    @staticmethod
    def covering(offset: int, wanted: int) -> int:
        """Return the size up to ``wanted`` whose page at ``offset`` brings most new periods and repeats few.

        The server takes no offset, only a page number and a page size. So the page that has the period at the offset
        may begin before it: then some periods come again.
        """
        if offset % wanted == 0:
            return wanted
        return max(range(1, wanted + 1), key=lambda size: (size - 2 * (offset % size), size))
