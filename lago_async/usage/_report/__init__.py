"""The half that reads: finished exports, added up on one HTML page."""
