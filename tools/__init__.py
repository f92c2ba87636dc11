"""Tools of development; nothing in here is part of the distribution."""
