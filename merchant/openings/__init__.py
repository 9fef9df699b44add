"""Opening a new shop in three screens."""
