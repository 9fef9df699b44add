"""Disputes as a shop sees them: who complains about what, and its answer. The rules: shared/disputes."""
