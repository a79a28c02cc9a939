"""What can be wrong with code: the catalogue of rules, and the rules that see a snapshot as a whole."""
