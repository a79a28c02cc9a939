"""The features of docgen-server; none imports another."""
