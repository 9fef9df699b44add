"""A till in Python: charges and watches, over the merchant API."""
