"""docgen-server: source in, facts and documents out."""
