"""The catalogue: what a shop sells, with price, tax, stock, options and a picture."""
