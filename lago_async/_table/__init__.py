"""The machinery of the endpoint table: rows, the endpoints that they compile to, requests and responses.

The rows themselves are in ``lago_async.resources``. Paths, methods and envelopes are defined only there: both
faces, the sandbox, the command line and the contract test read the table.
"""
