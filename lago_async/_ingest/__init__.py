"""The sink of events: accepted one at a time, sent in batches, and kept until the server has confirmed them."""
