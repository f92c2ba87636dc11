"""Time and money: periods are billed, usage is priced, invoices are made."""
