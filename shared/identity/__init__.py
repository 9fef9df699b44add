"""Who is who: parties, their keys, and how keys sign."""
