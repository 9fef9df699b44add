"""Intents, orders, their audit."""
