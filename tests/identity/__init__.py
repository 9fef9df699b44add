"""Names and keys."""
