"""Work outside the request: asked for once, claimed, kept, ended."""
