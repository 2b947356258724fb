"""The public benchmark: named communities that anybody can make again, and every method on them."""
