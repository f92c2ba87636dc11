"""The reference of operations, models and errors on the documentation site, made from the code."""
