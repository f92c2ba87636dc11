"""Models of custom sections: texts that are printed on invoices."""

from lago_async.models._base import UNSET, Timestamp, UnsetType, input_model, response_model

__all__ = ["AppliedInvoiceCustomSection", "InvoiceCustomSection", "InvoiceCustomSectionsInput"]


@response_model
class InvoiceCustomSection:
    """A section of text that is printed on invoices.

    Attributes:
        applied_to_organization: Deprecated; not sent for a section that is embedded in a customer, like ``created_at``.
    """

    lago_id: str
    name: str
    code: str
    description: str | None
    details: str | None
    display_name: str | None
    applied_to_organization: bool | None
    organization_id: str
    created_at: Timestamp | None


@response_model
class AppliedInvoiceCustomSection:
    """A section that was chosen for one subscription or wallet.

    Attributes:
        invoice_custom_section_id: Deprecated; replaced by ``invoice_custom_section``.
    """

    lago_id: str
    created_at: Timestamp
    invoice_custom_section_id: str | None
    invoice_custom_section: InvoiceCustomSection


@input_model
class InvoiceCustomSectionsInput:
    """The sections to print on the invoices: those with these codes, or none.

    Attributes:
        skip_invoice_custom_sections: True prints no section; do not combine it with codes.
    """

    skip_invoice_custom_sections: bool | UnsetType = UNSET
    invoice_custom_section_codes: list[str] | UnsetType = UNSET
