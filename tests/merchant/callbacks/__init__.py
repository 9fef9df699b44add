"""Callbacks and webhooks: what a shop's own server is told, seen from there."""
