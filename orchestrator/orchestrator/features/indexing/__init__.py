"""The ``index`` run: from a source to a searchable, published generation."""
