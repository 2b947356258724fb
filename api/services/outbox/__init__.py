"""E-mails: queued once, sent once, and known of each what became of it."""
