"""The console script `lago`: every operation of the endpoint table as a command. It needs the extra `cli`."""
