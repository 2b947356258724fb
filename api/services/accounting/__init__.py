"""What accountants are handed: the accounts of an issuer or a community over a period."""
