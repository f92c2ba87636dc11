"""The treatment of a field of an input, and the reasons for what is not simulated."""

from collections.abc import Mapping

import attrs

from lago_async.sandbox._operations.simulation import TABLE


def _names(given: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(given.split()) if isinstance(given, str) else given


def _reasons(names_of: Mapping[str, str]) -> Mapping[str, str]:
    """Return the reason of each field, from the fields of each reason."""
    return {name: reason for reason, names in names_of.items() for name in _names(names)}


@attrs.frozen(kw_only=True)
class InputFields:
    """The fields of an input by what becomes of them.

    Attributes:
        simulated: The fields that change something besides themselves, or whose values decide about a refusal.
        kept: By reason, the fields that only show themselves in their object; the server computes nothing from them.
        ignored: By reason, the fields without any effect.
        refused: By reason, the fields that are refused where they would have an effect.
        licensed: Fields of which nothing remains without a licence: they are ignored or refused, as on the server.
    """

    simulated: tuple[str, ...] = attrs.field(default=(), converter=_names)
    kept: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_reasons)
    ignored: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_reasons)
    refused: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_reasons)
    licensed: tuple[str, ...] = attrs.field(default=(), converter=_names)

    @property
    def names(self) -> tuple[str, ...]:
        """All fields."""
        return (*self.simulated, *self.kept, *self.ignored, *self.refused)

    def needs_licence(self, name: str) -> bool:
        """Return whether nothing remains of a field without a licence."""
        return self.licensed == (ALL,) or name in self.licensed


def rule(kind: str, field: str) -> str:
    """Return why a strict sandbox refuses a field."""
    return next(item.reason for item in TABLE[kind] if item.field == field)


ALL = "*"
LABEL = "a name, a text or a code, which only shows itself"
METADATA = "data of the user's own, which only shows itself"
ADDRESS = "an address: only taxes of the EU and tax providers follow from it, and both are refused"
CONTACT = "a detail that documents and emails show"
DOCUMENTS = "it changes only documents"
CATALOGUE = "the server bills no rate cards"
SECTIONS = "there are no custom sections of invoices, and no request makes one"
NO_PROVIDER = "no payment provider is asked for a payment: an invoice waits for `create_payment`"
DYNAMIC = "only the charge model `dynamic` uses it, which is refused"
FIXED = "an update does not change it, on the server either"
INTEGRATIONS = "there are no integrations: 404"
AUTHORIZATION = "the feature beta_payment_authorization of the server is not available: 403"
