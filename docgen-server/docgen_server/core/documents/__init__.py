"""Facts to Markdown: pages as values, templates, and a reader of reStructuredText."""
