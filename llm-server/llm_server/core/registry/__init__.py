"""Which models there are, who plays which role, and the keys to reach them."""
