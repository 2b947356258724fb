"""The reserve list, a plant that grows, and several plants: who should share in what."""
