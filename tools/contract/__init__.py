"""The maker of the contract in tests/contract: it merges the facts of the public description and our overlay."""
