"""The models that this server answers with."""
