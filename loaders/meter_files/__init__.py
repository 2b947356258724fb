"""Files of meter readings: one reader a format, all into the same records."""
