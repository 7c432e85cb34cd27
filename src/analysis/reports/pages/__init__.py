"""What every page has: words, templates, style, and what is around its content."""
