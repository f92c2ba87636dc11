"""What the documentation site has from the code: the reference of operations, models and errors."""
