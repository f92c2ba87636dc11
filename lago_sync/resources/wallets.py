# GENERATED from lago_async/resources/wallets.py by `python -m tools.generate`. Do not edit.
"""Wallets of prepaid credits, with their transactions, alerts and metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.wallets import Wallets as AsyncWallets
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lago_async._table.query import PositiveInt
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
    from lago_sync.pager import Pager

__all__ = ["Wallets"]


class Wallets(Resource[AsyncWallets]):
    """Wallets of prepaid credits, with their transactions, alerts and metadata."""

    def create(self, wallet: WalletInput | WalletInputDict, /) -> Wallet:
        """Create a wallet for a customer; the server bills its paid credits.

        The client never repeats this call by itself.

        Args:
            wallet: A ``WalletInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``customer_not_found`` or ``billing_entity_not_found``.
            ValidationError: A field was refused.

        API operation: createWallet.
        """
        return self._run(self._async.create, wallet)

    def find(self, lago_id: str) -> Wallet:
        """Find a wallet.

        Raises:
            NotFoundError: ``wallet_not_found``.

        API operation: findWallet.
        """
        return self._run(self._async.find, lago_id)

    def find_all(
        self,
        *,
        external_customer_id: str | None = None,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        currency: str | None = None,
        billing_entity_codes: Sequence[str] | None = None,
    ) -> Pager[Wallet]:
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
        return self._page(
            self._async.find_all,
            external_customer_id=external_customer_id,
            page=page,
            per_page=per_page,
            currency=currency,
            billing_entity_codes=billing_entity_codes,
        )

    def update(self, lago_id: str, wallet: WalletUpdateInput | WalletUpdateInputDict, /) -> Wallet:
        """Change a wallet; fields that are not given stay as they are.

        Args:
            lago_id: The ``lago_id`` of the wallet.
            wallet: A ``WalletUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``wallet_not_found``.
            ValidationError: A field was refused.

        API operation: updateWallet.
        """
        return self._run(self._async.update, lago_id, wallet)

    def destroy(self, lago_id: str) -> Wallet:
        """End a wallet, and return it; its credits are lost.

        Raises:
            NotFoundError: ``wallet_not_found``.

        API operation: destroyWallet.
        """
        return self._run(self._async.destroy, lago_id)

    def create_customer_wallet(
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
        return self._run(self._async.create_customer_wallet, external_customer_id, wallet)

    def find_customer_wallet(self, external_customer_id: str, code: str) -> Wallet:
        """Find a wallet of a customer by its code.

        Args:
            external_customer_id: Your id of the customer.
            code: The code of the wallet.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.

        API operation: findCustomerWallet.
        """
        return self._run(self._async.find_customer_wallet, external_customer_id, code)

    def find_all_customer_wallets(
        self,
        external_customer_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        billing_entity_codes: Sequence[str] | None = None,
        currency: str | None = None,
    ) -> Pager[Wallet]:
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
        return self._page(
            self._async.find_all_customer_wallets,
            external_customer_id,
            page=page,
            per_page=per_page,
            billing_entity_codes=billing_entity_codes,
            currency=currency,
        )

    def update_customer_wallet(
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
        return self._run(self._async.update_customer_wallet, external_customer_id, code, wallet)

    def destroy_customer_wallet(self, external_customer_id: str, code: str) -> Wallet:
        """End a wallet of a customer, and return it; its credits are lost.

        Args:
            external_customer_id: Your id of the customer.
            code: The code of the wallet.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.

        API operation: destroyCustomerWallet.
        """
        return self._run(self._async.destroy_customer_wallet, external_customer_id, code)

    def create_transaction(
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
        return self._run(self._async.create_transaction, wallet_transaction)

    def find_transaction(self, lago_id: str) -> WalletTransaction:
        """Find a transaction of a wallet.

        Raises:
            NotFoundError: ``wallet_transaction_not_found``.

        API operation: findWalletTransaction.
        """
        return self._run(self._async.find_transaction, lago_id)

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
    ) -> Pager[WalletTransaction]:
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
        return self._page(
            self._async.find_all_transactions,
            lago_id,
            page=page,
            per_page=per_page,
            status=status,
            transaction_status=transaction_status,
            transaction_type=transaction_type,
            metadata=metadata,
        )

    def find_all_transaction_consumptions(
        self, lago_id: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> Pager[WalletTransactionConsumption]:
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
        return self._page(self._async.find_all_transaction_consumptions, lago_id, page=page, per_page=per_page)

    def find_all_transaction_fundings(
        self, lago_id: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> Pager[WalletTransactionFunding]:
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
        return self._page(self._async.find_all_transaction_fundings, lago_id, page=page, per_page=per_page)

    def transaction_payment_url(self, lago_id: str) -> WalletTransactionPaymentUrl:
        """Create a link to the payment provider's page where the customer pays a top-up.

        Raises:
            NotFoundError: ``wallet_transaction_not_found``.
            ValidationError: The customer has no payment provider, or it refused: ``third_party_error``.

        API operation: walletTransactionPaymentUrl.
        """
        return self._run(self._async.transaction_payment_url, lago_id)

    def replace_metadata(
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
        return self._run(self._async.replace_metadata, lago_id, metadata)

    def merge_metadata(self, lago_id: str, metadata: Mapping[str, str | None], /) -> dict[str, str | None] | None:
        """Add or change key-value pairs of a wallet, and return all pairs; the others stay.

        Args:
            lago_id: The ``lago_id`` of the wallet.
            metadata: Keys of at most 100 characters, values of at most 255 or None.

        Raises:
            NotFoundError: ``wallet_not_found``.
            ValidationError: A field was refused.

        API operation: mergeWalletMetadata.
        """
        return self._run(self._async.merge_metadata, lago_id, metadata)

    def delete_all_metadata(self, lago_id: str) -> dict[str, str | None] | None:
        """Remove all key-value pairs of a wallet; the metadata is then None.

        Raises:
            NotFoundError: ``wallet_not_found``.

        API operation: deleteAllWalletMetadata.
        """
        return self._run(self._async.delete_all_metadata, lago_id)

    def delete_metadata_key(self, lago_id: str, key: str) -> dict[str, str | None] | None:
        """Remove one key-value pair of a wallet, and return the others.

        Args:
            lago_id: The ``lago_id`` of the wallet.
            key: The key of the pair to remove.

        Raises:
            NotFoundError: ``wallet_not_found`` or ``metadata_item_not_found``.

        API operation: deleteWalletMetadataKey.
        """
        return self._run(self._async.delete_metadata_key, lago_id, key)

    def replace_customer_wallet_metadata(
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
        return self._run(self._async.replace_customer_wallet_metadata, external_customer_id, wallet_code, metadata)

    def merge_customer_wallet_metadata(
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
        return self._run(self._async.merge_customer_wallet_metadata, external_customer_id, wallet_code, metadata)

    def delete_all_customer_wallet_metadata(
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
        return self._run(self._async.delete_all_customer_wallet_metadata, external_customer_id, wallet_code)

    def delete_customer_wallet_metadata_key(
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
        return self._run(self._async.delete_customer_wallet_metadata_key, external_customer_id, wallet_code, key)

    def create_customer_wallet_alert(
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
        return self._run(self._async.create_customer_wallet_alert, external_customer_id, wallet_code, alert)

    def create_customer_wallet_alerts(
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
        return self._run(self._async.create_customer_wallet_alerts, external_customer_id, wallet_code, alerts)

    def get_customer_wallet_alert(self, external_customer_id: str, wallet_code: str, code: str) -> Alert:
        """Find an alert on a wallet by its code.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.
            code: The code of the alert.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found`` or ``alert_not_found``.

        API operation: getCustomerWalletAlert.
        """
        return self._run(self._async.get_customer_wallet_alert, external_customer_id, wallet_code, code)

    def get_customer_wallet_alerts(
        self,
        external_customer_id: str,
        wallet_code: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
    ) -> Pager[Alert]:
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
        return self._page(
            self._async.get_customer_wallet_alerts,
            external_customer_id,
            wallet_code,
            page=page,
            per_page=per_page,
        )

    def update_customer_wallet_alert(
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
        return self._run(self._async.update_customer_wallet_alert, external_customer_id, wallet_code, code, alert)

    def delete_customer_wallet_alert(self, external_customer_id: str, wallet_code: str, code: str) -> Alert:
        """Delete an alert on a wallet, and return it as it was.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.
            code: The code of the alert.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found`` or ``alert_not_found``.

        API operation: deleteCustomerWalletAlert.
        """
        return self._run(self._async.delete_customer_wallet_alert, external_customer_id, wallet_code, code)

    def delete_all_customer_wallet_alerts(self, external_customer_id: str, wallet_code: str) -> None:
        """Delete all alerts on a wallet.

        Args:
            external_customer_id: Your id of the customer.
            wallet_code: The code of the wallet.

        Raises:
            NotFoundError: ``customer_not_found`` or ``wallet_not_found``.

        API operation: deleteAllCustomerWalletAlerts.
        """
        return self._run(self._async.delete_all_customer_wallet_alerts, external_customer_id, wallet_code)
