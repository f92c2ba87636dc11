"""The table of what the sandbox simulates: operations, fields of requests, and parameters of queries."""
