"""Distribution agreements: from a draft to what the distributor applied, and their files."""
