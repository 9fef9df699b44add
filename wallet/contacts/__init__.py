"""Contacts: cards exchanged by scanning, friend requests, names given."""
