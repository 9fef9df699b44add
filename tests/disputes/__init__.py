"""Disputes: who may do what when, and that the money follows to the minor unit."""
