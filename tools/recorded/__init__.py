"""Tell the recorded stories to the sandbox, and compare what it answers with what a running Lago answered."""
