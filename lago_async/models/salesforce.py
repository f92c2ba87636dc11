"""Models of the integration with Salesforce."""

from lago_async.models._base import input_model

__all__ = ["InvoiceSalesforceIdInput"]


@input_model
class InvoiceSalesforceIdInput:
    """The id of an invoice in Salesforce.

    Attributes:
        external_id: The id in Salesforce. The server does not check it.
        integration_code: The code of your integration with Salesforce.
    """

    external_id: str
    integration_code: str
