"""Batches and payouts."""
