"""Models of orders, which are signed order forms."""

from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models.order_forms import OrderExecutionMode
from lago_async.models.quote_versions import QuoteBillingItems
from lago_async.models.quotes import OrderType

__all__ = ["Order", "OrderExecuteInput", "OrderExecutionRecord", "OrderStatus"]

OrderStatus = Literal["created", "executed", "failed"]


@response_model
class OrderExecutionRecord:
    """The objects that the execution of an order made, by ``lago_id``.

    Attributes:
        terminated_subscription_ids: The subscriptions that an upgrade ended. A downgrade ends them later.
        errors: The codes of the failures, for example ``plan_not_found``.
    """

    executed_at: Timestamp | None
    execution_mode: Open[OrderExecutionMode] | None
    invoice_id: str | None
    subscription_ids: list[str]
    terminated_subscription_ids: list[str]
    applied_coupon_ids: list[str]
    wallet_ids: list[str]
    errors: list[str]


@response_model
class Order:
    """A signed order form.

    Attributes:
        number: The printed number: ``OR-2026-0001``.
        billing_snapshot: The items of the quote as they were signed. Webhooks do not contain them.
    """

    lago_id: str
    number: str
    status: Open[OrderStatus]
    order_type: Open[OrderType]
    execution_mode: Open[OrderExecutionMode] | None
    currency: str | None
    executed_at: Timestamp | None
    execution_record: OrderExecutionRecord
    lago_organization_id: str
    lago_customer_id: str
    lago_order_form_id: str
    created_at: Timestamp
    updated_at: Timestamp
    billing_snapshot: QuoteBillingItems | None


@input_model
class OrderExecuteInput:
    """Options of an execution.

    Attributes:
        execution_mode: ``execute_in_lago`` bills the order; ``order_only`` only records it. Without it the mode of the
            order applies.
    """

    execution_mode: Open[OrderExecutionMode] | None | UnsetType = UNSET
