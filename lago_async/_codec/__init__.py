"""Wire to model and back: msgspec where the bytes are as declared, a lenient cattrs converter where they are not.

Reading is tolerant, because a response that says 200 must never be lost: the money has already moved. Writing is
strict, because a typo that is dropped silently is a wrong bill.
"""
