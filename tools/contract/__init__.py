"""How the contract in tests/contract is made: the facts of the public description, and an overlay of the server's."""
