"""What the first bytes of a file tell of its format, one family of formats a file."""
