"""Keys for CI jobs and scripts."""
