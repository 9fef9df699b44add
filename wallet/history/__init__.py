"""What happened: balance, statement, receipts."""
