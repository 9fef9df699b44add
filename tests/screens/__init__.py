"""Pictures of every screen for the documents, made from the running product: `run.py screenshots`."""
