"""A country of invented communities, to see how the store, the queue and the workers carry it."""
