"""The tests; a package, because distributions exist that install another one of this name."""
