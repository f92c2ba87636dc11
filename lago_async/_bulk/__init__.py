"""The engine of bulk work: the queries, the rules for the next request, the workers, and the asynchronous reader."""
