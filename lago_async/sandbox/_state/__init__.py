"""The memory of the sandbox: records, and the store that holds them."""
