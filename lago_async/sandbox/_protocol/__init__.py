"""How requests and responses are written: JSON, parameters, envelopes, refusals."""
