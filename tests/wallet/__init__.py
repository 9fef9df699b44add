"""The wallet through its doors: a test client on a real database."""
