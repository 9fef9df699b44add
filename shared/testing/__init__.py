"""Testing Saoma: the command that sets up what the tests need and runs them."""
