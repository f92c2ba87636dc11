"""How much of billing is right: the stories that a running Lago told, and invariants in worlds drawn at random."""
