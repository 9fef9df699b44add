"""The launcher's page and the pieces of its terminal."""
