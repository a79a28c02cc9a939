"""Git as a store of sources: bare mirrors, fixed arguments, no work tree."""
