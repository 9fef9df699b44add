"""The demo bank: play money comes from it by the operator's order, and goes back by the person's own."""
