"""How the code of a snapshot came to be."""
