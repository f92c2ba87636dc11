"""Generates what follows from the endpoint table and the modules: ``python -m tools.generate [--check]``.

Every generated file is checked in, says so in its first line, and is held to its source by ``--check``.
"""
