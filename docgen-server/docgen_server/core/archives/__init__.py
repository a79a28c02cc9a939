"""Uploaded archives: read member by member, never extracted, and kept as commits of the mirror."""
