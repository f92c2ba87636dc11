"""The drift between this package and a newer server or description: `python -m tools.drift`."""
