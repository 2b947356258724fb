"""A community's year as one folder or archive, and its lists of people: in and out."""
