"""Requests for money between people: asked of a contact, paid or declined by them, withdrawn by whoever asked."""
