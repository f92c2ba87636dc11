"""Exports on a Dask cluster: a plan of shards, a task for each on the workers, and the merge of their files."""
