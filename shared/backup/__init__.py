"""Backup and restore: a whole installation's database in one file, and back, on either engine."""
