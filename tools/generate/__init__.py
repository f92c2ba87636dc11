"""The generator of files from the endpoint table and the modules: ``python -m tools.generate [--check]``.

Every generated file is committed and says in its first line that it is generated; ``--check`` compares it with its
source.
"""
