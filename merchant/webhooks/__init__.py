"""Webhooks: a shop's endpoints, told of its events as the Standard Webhooks specification says."""
