"""Whole stories, over HTTP, with real services. Read these first."""
