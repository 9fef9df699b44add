"""Collecting and sending between people: pages and codes; the money moves in shared/payments."""
