"""The embedding models: which are in memory, and what is asked of them."""
