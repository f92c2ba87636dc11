"""Events on their way to Lago: accepted, kept and sent in batches."""
