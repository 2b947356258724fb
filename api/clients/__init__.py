"""Clients that fetch from other services: whole answers as bytes, which loaders read."""
