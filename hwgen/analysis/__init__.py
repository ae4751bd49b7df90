"""What answers say about themselves."""
