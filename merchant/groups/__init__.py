"""Shop groups: one owner over several shops, who goes from one to the other without signing in again."""
