"""The machinery of the endpoint table: what a row declares, what it compiles to, and what travels for one call.

The rows themselves are in ``lago_async.resources``. Nothing else knows a path, a method or a root: both faces, the
sandbox, the command line and the contract test read the table.
"""
