"""What e-mails about sign-ups say, in each language."""
