"""Time and money: bills periods, prices usage and makes invoices."""
