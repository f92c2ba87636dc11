"""The network: it sends the bytes of one request and returns the bytes of its response, with retries."""
