"""Backup and restore, from one engine to the other, under load, damaged, refused."""
