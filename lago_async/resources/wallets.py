# More than 400 lines in one module, because a resource group is one module of the endpoint table.
"""Wallets of prepaid credits, with their transactions, alerts and metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, patch, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        Alert,
        CreditsStatus,
        TransactionStatus,
        TransactionType,
        Wallet,
        WalletAlertInput,
        WalletAlertInputDict,
        WalletAlertUpdateInput,
        WalletAlertUpdateInputDict,
        WalletInput,
        WalletInputDict,
        WalletTransaction,
        WalletTransactionConsumption,
        WalletTransactionFunding,
        WalletTransactionInput,
        WalletTransactionInputDict,
        WalletTransactionPaymentUrl,
        WalletUpdateInput,
        WalletUpdateInputDict,
    )

__all__ = ["Wallets"]


class Wallets(Resource):
    """Wallets of prepaid credits, with their transactions, alerts and metadata."""

    @post("create_wallet", "/wallets", root="wallet", risk="moves_money")
    async def create(self, wallet: WalletInput | WalletInputDict, /) -> Wallet:
        """Create a wallet for a customer; the server bills its paid credits.

        The client never repeats this call by itself.

        Args:
            wallet: A ``WalletInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``customer_not_found`` or ``billing_entity_not_found``.
            ValidationError: A field was refused.

        API operation: createWallet.
        """

    @get("find_wallet", "/wallets/{lago_id}", root="wallet")
    async def find(self, lago_id: str) -> Wallet:
        """Find a wallet.

        Raises:
            NotFoundError: ``wallet_not_found``.

        API operation: findWallet.
        """

    @get("find_all_wallets", "/wallets", root="wallets")
    def find_all(
        self,
        *,
        external_customer_id: str | None = None,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        currency: str | None = None,
        billing_entity_codes: Sequence[str] | None = None,
    ) -> AsyncPager[Wallet]:
        """List the wallets of all customers, or of one, the newest first.

        Args:
            external_customer_id: Only of this customer; by default of all.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            currency: Only this currency, ISO 4217.
            billing_entity_codes: Any of these entities; an unknown code raises ``NotFoundError``.

        Raises:
            NotFoundError: ``customer_not_found`` or ``billing_entity_not_found``.

        API operation: findAllWallets.
        """

    @put("update_wallet", "/wallets/{lago_id}", root="wallet")
    async def update(self, lago_id: str, wallet: WalletUpdateInput | WalletUpdateInputDict, /) -> Wallet:
        """Change a wallet; fields that are not given stay as they are.

        Args:
            lago_id: The ``lago_id`` of the wallet.
            wallet: A ``WalletUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``wallet_not_found``.
            ValidationError: A field was refused.

        API operation: updateWallet.
        """

    @delete("destroy_wallet", "/wallets/{lago_id}", root="wallet", risk="moves_money")
    async def destroy(self, lago_id: str) -> Wallet:
        """End a wallet, and return it; its credits are lost.

        Raises:
            NotFoundError: ``wallet_not_found``.

        API operation: destroyWallet.
        """

    @post("create_customer_wallet", "/customers/{external_customer_id}/wallets", root="wallet", risk="moves_money")
    async def create_customer_wallet(
        self, external_customer_id: str, wallet: WalletInput | WalletInputDict, /
    ) -> Wallet:
        """Create a wallet for a customer; the server bills its paid credits.

        The client never repeats this call by itself.

        Args:
            external_customer_id: Your id of the customer.
            wallet: A ``WalletInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``customer_not_found`` or ``billing_entity_not_found``.
            ValidationError: A field was refused.

        API operation: createCustomerWallet.
        """

    @get("find_customer_wallet", "/customers/{external_customer_id}/wallets/{code}", root="wallet")
    async def find_customer_wallet(self, external_customer_id: str, code: str) -> Wallet:
        """Find a wallet of a customer by its code.

        Args:
            external_customer_id: Your id of the customer.
            code: The code of the wallet.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.

        API operation: findCustomerWallet.
        """

    @get("find_all_customer_wallets", "/customers/{external_customer_id}/wallets", root="wallets")
    def find_all_customer_wallets(
        self,
        external_customer_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        billing_entity_codes: Sequence[str] | None = None,
        currency: str | None = None,
    ) -> AsyncPager[Wallet]:
        """List the wallets of a customer, the newest first.

        Args:
            external_customer_id: Your id of the customer.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            billing_entity_codes: Any of these entities; an unknown code raises ``NotFoundError``.
            currency: Only this currency, ISO 4217.

        Raises:
            NotFoundError: ``customer_not_found`` or ``billing_entity_not_found``.

        API operation: findAllCustomerWallets.
        """

    @put("update_customer_wallet", "/customers/{external_customer_id}/wallets/{code}", root="wallet")
    async def update_customer_wallet(
        self, external_customer_id: str, code: str, wallet: WalletUpdateInput | WalletUpdateInputDict, /
    ) -> Wallet:
        """Change a wallet of a customer; fields that are not given stay as they are.

        Args:
            external_customer_id: Your id of the customer.
            code: The code of the wallet.
            wallet: A ``WalletUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.
            ValidationError: A field was refused.

        API operation: updateCustomerWallet.
        """

    @delete(
        "destroy_customer_wallet", "/customers/{external_customer_id}/wallets/{code}", root="wallet", risk="moves_money"
    )
    async def destroy_customer_wallet(self, external_customer_id: str, code: str) -> Wallet:
        """End a wallet of a customer, and return it; its credits are lost.

        Args:
            external_customer_id: Your id of the customer.
            code: The code of the wallet.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.

        API operation: destroyCustomerWallet.
        """

    @post("create_wallet_transaction", "/wallet_transactions",
          root="wallet_transactions", request_root="wallet_transaction", risk="moves_money")  # fmt: skip
    async def create_transaction(
        self, wallet_transaction: WalletTransactionInput | WalletTransactionInputDict, /
    ) -> list[WalletTransaction]:
        """Add credits to a wallet, or take some away: one transaction each for paid, granted and voided credits.

        The client never repeats this call by itself.

        Args:
            wallet_transaction: A ``WalletTransactionInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``wallet_not_found``.
            ValidationError: A field was refused: ``paid_credits: invalid_amount``, ...

        API operation: createWalletTransaction.
        """

    @get("find_wallet_transaction", "/wallet_transactions/{lago_id}", root="wallet_transaction", envelope_optional=True)
    async def find_transaction(self, lago_id: str) -> WalletTransaction:
        """Find a transaction of a wallet.

        Raises:
            NotFoundError: ``wallet_transaction_not_found``.

        API operation: findWalletTransaction.
        """

    @get("find_all_wallet_transactions", "/wallets/{lago_id}/wallet_transactions", root="wallet_transactions")
    def find_all_transactions(
        self,
        lago_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        status: TransactionStatus | None = None,
        transaction_status: CreditsStatus | None = None,
        transaction_type: TransactionType | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[WalletTransaction]:
        """List the transactions of a wallet, the newest first.

        Args:
            lago_id: The ``lago_id`` of the wallet.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            status: Exactly this status.
            transaction_status: Exactly this status of the credits.
            transaction_type: Only credits that were added, or only those that were used.
            metadata: All these pairs; an empty value selects items without the key.

        Raises:
            NotFoundError: ``wallet_not_found``.

        API operation: findAllWalletTransactions.
        """

    @get("find_all_wallet_transaction_consumptions", "/wallet_transactions/{lago_id}/consumptions",
         root="wallet_transaction_consumptions")  # fmt: skip
    def find_all_transaction_consumptions(
        self, lago_id: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> AsyncPager[WalletTransactionConsumption]:
        """List the transactions that used the credits added by a transaction; only for traceable wallets.

        Args:
            lago_id: The ``lago_id`` of the transaction.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``wallet_transaction_not_found``.
            ValidationError: The transaction added no credits, or the wallet is not traceable.

        API operation: findAllWalletTransactionConsumptions.
        """

    @get("find_all_wallet_transaction_fundings", "/wallet_transactions/{lago_id}/fundings",
         root="wallet_transaction_fundings")  # fmt: skip
    def find_all_transaction_fundings(
        self, lago_id: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> AsyncPager[WalletTransactionFunding]:
        """List the transactions that added the credits used by a transaction; only for traceable wallets.

        Args:
            lago_id: The ``lago_id`` of the transaction.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``wallet_transaction_not_found``.
            ValidationError: The transaction used no credits, or the wallet is not traceable.

        API operation: findAllWalletTransactionFundings.
        """

    # The provider opens a session with each call.
    @post("wallet_transaction_payment_url", "/wallet_transactions/{lago_id}/payment_url",
          root="wallet_transaction_payment_details")  # fmt: skip
    async def transaction_payment_url(self, lago_id: str) -> WalletTransactionPaymentUrl:
        """Create a link to the payment provider's page where the customer pays a top-up.

        Raises:
            NotFoundError: ``wallet_transaction_not_found``.
            ValidationError: The customer has no payment provider, or it refused: ``third_party_error``.

        API operation: walletTransactionPaymentUrl.
        """

    @post("replace_wallet_metadata", "/wallets/{lago_id}/metadata", root="metadata", idempotent=True, risk="destroys")
    async def replace_metadata(
        self, lago_id: str, metadata: Mapping[str, str | None], /
    ) -> dict[str, str | None] | None:
        """Replace all key-value pairs of a wallet, and return them.

        Args:
            lago_id: The ``lago_id`` of the wallet.
            metadata: Keys of at most 100 characters, values of at most 255 or None.

        Raises:
            NotFoundError: ``wallet_not_found``.
            ValidationError: A field was refused.

        API operation: replaceWalletMetadata.
        """

    @patch("merge_wallet_metadata", "/wallets/{lago_id}/metadata", root="metadata")
    async def merge_metadata(self, lago_id: str, metadata: Mapping[str, str | None], /) -> dict[str, str | None] | None:
        """Add or change key-value pairs of a wallet, and return all pairs; the others stay.

        Args:
            lago_id: The ``lago_id`` of the wallet.
            metadata: Keys of at most 100 characters, values of at most 255 or None.

        Raises:
            NotFoundError: ``wallet_not_found``.
            ValidationError: A field was refused.

        API operation: mergeWalletMetadata.
        """

    @delete("delete_all_wallet_metadata", "/wallets/{lago_id}/metadata", root="metadata")
    async def delete_all_metadata(self, lago_id: str) -> dict[str, str | None] | None:
        """Remove all key-value pairs of a wallet; the metadata is then None.

        Raises:
            NotFoundError: ``wallet_not_found``.

        API operation: deleteAllWalletMetadata.
        """

    @delete("delete_wallet_metadata_key", "/wallets/{lago_id}/metadata/{key}", root="metadata")
    async def delete_metadata_key(self, lago_id: str, key: str) -> dict[str, str | None] | None:
        """Remove one key-value pair of a wallet, and return the others.

        Args:
            lago_id: The ``lago_id`` of the wallet.
            key: The key of the pair to remove.

        Raises:
            NotFoundError: ``wallet_not_found`` or ``metadata_item_not_found``.

        API operation: deleteWalletMetadataKey.
        """

    @post("replace_customer_wallet_metadata", "/customers/{external_customer_id}/wallets/{wallet_code}/metadata",
          root="metadata", idempotent=True, risk="destroys")  # fmt: skip
    async def replace_customer_wallet_metadata(
        self, external_customer_id: str, wallet_code: str, metadata: Mapping[str, str | None], /
    ) -> dict[str, str | None] | None:
        """Replace all key-value pairs of a wallet of a customer, and return them.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.
            metadata: Keys of at most 100 characters, values of at most 255 or None.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.
            ValidationError: A field was refused.

        API operation: replaceCustomerWalletMetadata.
        """

    @patch("merge_customer_wallet_metadata", "/customers/{external_customer_id}/wallets/{wallet_code}/metadata",
           root="metadata")  # fmt: skip
    async def merge_customer_wallet_metadata(
        self, external_customer_id: str, wallet_code: str, metadata: Mapping[str, str | None], /
    ) -> dict[str, str | None] | None:
        """Add or change key-value pairs of a wallet of a customer, and return all pairs; the others stay.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.
            metadata: Keys of at most 100 characters, values of at most 255 or None.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.
            ValidationError: A field was refused.

        API operation: mergeCustomerWalletMetadata.
        """

    @delete("delete_all_customer_wallet_metadata", "/customers/{external_customer_id}/wallets/{wallet_code}/metadata",
            root="metadata")  # fmt: skip
    async def delete_all_customer_wallet_metadata(
        self, external_customer_id: str, wallet_code: str
    ) -> dict[str, str | None] | None:
        """Remove all key-value pairs of a wallet of a customer; the metadata is then None.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.

        API operation: deleteAllCustomerWalletMetadata.
        """

    @delete("delete_customer_wallet_metadata_key",
            "/customers/{external_customer_id}/wallets/{wallet_code}/metadata/{key}", root="metadata")  # fmt: skip
    async def delete_customer_wallet_metadata_key(
        self, external_customer_id: str, wallet_code: str, key: str
    ) -> dict[str, str | None] | None:
        """Remove one key-value pair of a wallet of a customer, and return the others.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.
            key: The key of the pair to remove.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found`` or ``metadata_item_not_found``.

        API operation: deleteCustomerWalletMetadataKey.
        """

    @post("create_customer_wallet_alert", "/customers/{external_customer_id}/wallets/{wallet_code}/alerts",
          root="alert")  # fmt: skip
    async def create_customer_wallet_alert(
        self, external_customer_id: str, wallet_code: str, alert: WalletAlertInput | WalletAlertInputDict, /
    ) -> Alert:
        """Create an alert on a wallet.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.
            alert: A ``WalletAlertInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createCustomerWalletAlert.
        """

    # The second form of the operation above.
    @post("create_customer_wallet_alert", "/customers/{external_customer_id}/wallets/{wallet_code}/alerts",
          root="alerts", overload=True)  # fmt: skip
    async def create_customer_wallet_alerts(
        self, external_customer_id: str, wallet_code: str, alerts: Sequence[WalletAlertInput | WalletAlertInputDict], /
    ) -> list[Alert]:
        """Create several alerts on a wallet; the server creates all or none.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.
            alerts: For each alert, a ``WalletAlertInput`` or a mapping with its fields.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.
            ValidationError: ``error_details`` names the refused alerts by their index.

        API operation: createCustomerWalletAlert.
        """

    @get("get_customer_wallet_alert", "/customers/{external_customer_id}/wallets/{wallet_code}/alerts/{code}",
         root="alert")  # fmt: skip
    async def get_customer_wallet_alert(self, external_customer_id: str, wallet_code: str, code: str) -> Alert:
        """Find an alert on a wallet by its code.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.
            code: The code of the alert.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found`` or ``alert_not_found``.

        API operation: getCustomerWalletAlert.
        """

    @get("get_customer_wallet_alerts", "/customers/{external_customer_id}/wallets/{wallet_code}/alerts", root="alerts")
    def get_customer_wallet_alerts(
        self,
        external_customer_id: str,
        wallet_code: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
    ) -> AsyncPager[Alert]:
        """List the alerts on a wallet, the newest first.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.

        API operation: getCustomerWalletAlerts.
        """

    @put("update_customer_wallet_alert", "/customers/{external_customer_id}/wallets/{wallet_code}/alerts/{code}",
         root="alert")  # fmt: skip
    async def update_customer_wallet_alert(
        self,
        external_customer_id: str,
        wallet_code: str,
        code: str,
        alert: WalletAlertUpdateInput | WalletAlertUpdateInputDict,
        /,
    ) -> Alert:
        """Change an alert on a wallet; fields that are not given stay as they are.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.
            code: The code of the alert.
            alert: A ``WalletAlertUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found`` or ``alert_not_found``.
            ValidationError: A field was refused.

        API operation: updateCustomerWalletAlert.
        """

    @delete("delete_customer_wallet_alert", "/customers/{external_customer_id}/wallets/{wallet_code}/alerts/{code}",
            root="alert")  # fmt: skip
    async def delete_customer_wallet_alert(self, external_customer_id: str, wallet_code: str, code: str) -> Alert:
        """Delete an alert on a wallet, and return it as it was.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.
            code: The code of the alert.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found`` or ``alert_not_found``.

        API operation: deleteCustomerWalletAlert.
        """

    @delete("delete_all_customer_wallet_alerts", "/customers/{external_customer_id}/wallets/{wallet_code}/alerts")
    async def delete_all_customer_wallet_alerts(self, external_customer_id: str, wallet_code: str) -> None:
        """Delete all alerts on a wallet.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.

        API operation: deleteAllCustomerWalletAlerts.
        """
