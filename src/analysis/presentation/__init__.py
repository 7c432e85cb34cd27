"""What is said and shown of results: sentences, tables, figures. Nothing is computed here."""
