"""The claim on one delivery, from before its handler is called until after."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import attrs

from lago_async.webhooks._responses import BUSY, DONE, FAILED

if TYPE_CHECKING:
    from lago_async.webhooks._deliveries import DeliveryStore

_log = logging.getLogger("lago_async.webhooks")


@attrs.define(eq=False)
class Claim:
    """Takes a delivery from a store, and afterwards completes it or gives it back. Failures are logged, not raised.

    Attributes:
        handled: Whether the handler has returned.
    """

    _store: DeliveryStore
    _key: str
    handled: bool = False
    _taken: bool = False

    def take(self) -> int | None:
        """Take the delivery: return None if it is to be handled now, or else the status to answer with."""
        try:
            result = self._store.claim(self._key)
        except Exception:  # noqa: BLE001 - logged; whatever it was, Lago delivers again
            _log.exception("the store of deliveries has failed")
            return FAILED
        self._taken = result == "new"
        return None if self._taken else DONE if result == "done" else BUSY

    def settle(self) -> None:
        """Tell the store whether the delivery was handled, if it was taken."""
        if not self._taken:
            return
        try:
            if self.handled:
                self._store.complete(self._key)
            else:
                self._store.release(self._key)
        except Exception:  # noqa: BLE001 - logged; the answer to Lago does not depend on it
            if self.handled:
                _log.exception("a webhook was handled, which could not be stored: a repeat would be handled again")
            else:
                _log.exception("a webhook could not be given back: repeats are refused until its claim ends")
