"""The acts of people in the app of the running Lago during a story, because no request can: quotes, flags, licences."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import NotRequired, TypedDict, cast
from uuid import uuid4

from lago_async.sandbox._operations import billing_entities, quotes
from lago_async.sandbox._protocol.refusals import RefusalError
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.store import Store
from tools.recorded.recordings import ROOT


class Arranged(TypedDict):
    """Something that was done in the app: when, before which exchange, with what, and the symbols of what it made."""

    name: str
    before: int
    at: str
    facts: JsonObject
    made: NotRequired[dict[str, str]]


def arranged(story: str) -> list[Arranged]:
    """Return what was done in the app during a story, in order."""
    everything: dict[str, list[Arranged]] = json.loads((ROOT / "arranged.json").read_text(encoding="utf-8"))
    return everything.get(story, [])


class Console:
    """Does with a sandbox what people did in the app."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._actions: Mapping[str, Callable[[JsonObject], dict[str, str]]] = {
            "flags": self._set_flags,
            "licence": self._set_licence,
            "owners": self._invite,
            "quote": self._draft,
            "version": self._edit,
            "raw_version": self._edit,
            "entity": self._set_entity,
            "purge": self._purge,
            "salesforce": self._ignore,
            "clock": self._ignore,  # see `hold`
        }

    def hold(self, name: str, at: datetime) -> None:
        """Have orders wait until someone ran the clock by hand: until then it stood still on the running Lago."""
        if name == "clock":
            for order in self._store.orders:
                if order.execute_at is not None:
                    order.execute_at = max(order.execute_at, at.replace(minute=0, second=0, microsecond=0))

    def do(self, name: str, facts: JsonObject) -> dict[str, str]:
        """Do one thing; return the ids of what it made."""
        return self._actions[name](facts)

    def _set_flags(self, facts: JsonObject) -> dict[str, str]:
        on, off = (cast("list[str]", facts.get(name, [])) for name in ("flags", "off"))
        self._store.feature_flags = (self._store.feature_flags | set(on)) - set(off)
        return {}

    def _set_licence(self, facts: JsonObject) -> dict[str, str]:
        self._store.premium = bool(facts["premium"])
        return {}

    def _invite(self, facts: JsonObject) -> dict[str, str]:
        emails = cast("list[str]", facts["emails"])
        return {email: self._store.quote_owners.setdefault(email, str(uuid4())) for email in emails}

    def _draft(self, facts: JsonObject) -> dict[str, str]:
        emails = {lago_id: email for email, lago_id in self._store.quote_owners.items()}
        subscription, content = facts.get("subscription"), facts.get("content")
        draft = partial(
            quotes.draft,
            self._store,
            str(facts["customer"]),
            order_type=str(facts["order_type"]),
            external_subscription_id=None if subscription is None else str(subscription),
            currency=None,
            content=None if content is None else str(content),
            billing_items=cast("JsonObject | None", facts.get("billing_items")),
            owners=[emails[owner] for owner in cast("list[str]", facts["owners"]) if owner in emails],
        )
        try:
            draft()
        except RefusalError:  # the story went another way here: the exchanges that follow say so
            return {}
        quote = self._store.quotes.newest_first()[0]
        return {"quote": quote.lago_id, "version": quote.current.lago_id, "number": quote.number}

    def _edit(self, facts: JsonObject) -> dict[str, str]:
        version = self._store.quote_versions.find(str(facts["version"]))
        columns = facts.get("columns", facts)
        if version is not None and isinstance(columns, dict):
            if "billing_items" in columns:
                version.billing_items = columns["billing_items"]
            if "currency" in columns:
                version.currency = cast("str | None", columns["currency"])
        return {}

    def _set_entity(self, facts: JsonObject) -> dict[str, str]:
        entity = billing_entities.default_entity(self._store)
        entity.values = {**entity.values, **cast("dict[str, Json]", facts["fields"])}
        return {}

    def _purge(self, _: JsonObject) -> dict[str, str]:
        """Delete the documents that are rendered."""
        for invoice in self._store.invoices:
            invoice.file_name = None
        for note in self._store.credit_notes:
            note.file_name = None
        return {}

    def _ignore(self, _: JsonObject) -> dict[str, str]:
        """Do what the sandbox does by itself, or has nothing like."""
        return {}
