"""Members to plants: who shares in which of several, and what no other way can pass."""
