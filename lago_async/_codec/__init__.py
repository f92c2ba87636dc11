"""Conversion between JSON and models: msgspec for bytes that are as declared, a tolerant reader on cattrs for others.

Reading is tolerant, because a successful response must never be lost: the money has already moved. Writing is strict,
because a typo that is dropped silently causes a wrong bill.
"""
