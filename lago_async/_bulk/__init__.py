"""The engine of bulk work: a pool of workers, the values that ask for usage, and the rules of the next request."""
