"""The commands, one file each; ``scripts.cli`` gathers them."""
