"""The index as a whole: how it is, an index built beside it, and backups."""
