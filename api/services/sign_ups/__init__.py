"""Public pages of communities, and those who sign up there."""
