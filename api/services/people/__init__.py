"""People: what is kept of one, handed out to her, and erased."""
