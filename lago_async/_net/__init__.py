"""The network: one call is one request's bytes out and one response's bytes in, with retries in between."""
