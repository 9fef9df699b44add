"""The schema's history: frozen scripts that import nothing of ours."""
