"""Repositories: adding, reading, indexing again, deleting."""
