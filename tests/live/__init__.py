"""The live suite: every operation, on both faces, against a real Lago. `python -m tests.live` runs it."""
