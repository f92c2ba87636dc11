"""Spans and metrics of OpenTelemetry for the calls of a client and for the sinks of events."""
