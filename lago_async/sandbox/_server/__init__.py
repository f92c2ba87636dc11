"""The HTTP server: sockets, routing, faults and rate limits."""
