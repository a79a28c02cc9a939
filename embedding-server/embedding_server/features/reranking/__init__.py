"""Documents ordered by how well they answer a question."""
