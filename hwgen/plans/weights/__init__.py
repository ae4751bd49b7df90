"""Where weights come from, a file a kind of store."""
