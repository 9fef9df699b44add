"""The hosted checkout page: where a shop without a till sends its customers to pay."""
