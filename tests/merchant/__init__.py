"""The till: its doors, pages, API and the demo shop, on a real database."""
