"""Who signs in, and the tokens that open the API."""
