"""Uploads for a repository, and its end."""
