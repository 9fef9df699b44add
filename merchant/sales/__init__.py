"""What was sold: the list of sales, one sale's history, and giving money back."""
