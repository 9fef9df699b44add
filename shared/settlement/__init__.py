"""Settlement: captured sales per shop become a batch, a batch becomes a payout."""
