"""Communities, their plants and who shares in them: begin them, find them, list them."""
