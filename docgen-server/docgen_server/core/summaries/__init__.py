"""A few sentences of a language model at the head of a page: what it is shown, what it is told, what of its words may stand."""
