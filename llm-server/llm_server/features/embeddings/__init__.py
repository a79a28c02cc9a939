"""Vectors, from embedding-server or any model that makes them."""
