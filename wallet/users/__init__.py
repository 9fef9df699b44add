"""People: joining, their PIN, their session."""
