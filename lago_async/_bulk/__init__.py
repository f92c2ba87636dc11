"""The engine of bulk work: what to fetch, the rules of the next request, the workers, and the asynchronous reader."""
