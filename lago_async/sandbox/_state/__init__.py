"""What the sandbox remembers: records, and the store that holds them."""
