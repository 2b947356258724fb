"""What metered values say about themselves: which are doubtful, and what may stand in a gap."""
