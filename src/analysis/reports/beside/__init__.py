"""What stands beside the pages of an edition: downloads, its figures, its comparison, its manifest."""
