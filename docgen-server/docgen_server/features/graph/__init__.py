"""How the files of a snapshot depend on each other."""
