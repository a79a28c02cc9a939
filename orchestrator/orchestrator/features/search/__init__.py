"""Search over what is indexed."""
