"""The whole service beside an embedding-server that can change its models."""
