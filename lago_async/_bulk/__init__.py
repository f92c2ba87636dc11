"""The engine of bulk work: a pool of workers, the queries for usage, and the rules for the next request."""
