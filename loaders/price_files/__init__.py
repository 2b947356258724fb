"""Files of hourly and quarter-hourly prices: one reader a format, all into the same records."""
