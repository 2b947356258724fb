"""What is stored of every meter: how complete, how plausible, in which versions, and mended."""
