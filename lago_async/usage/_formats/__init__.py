"""The file formats of exports, which both exports and reports know by these names and suffixes."""
