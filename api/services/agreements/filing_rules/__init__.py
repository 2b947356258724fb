"""Rules that an agreement is held against before it is filed, each a function of facts alone."""
