"""How the shop is doing: what was taken when, what sold, who paid, and how it compares. Reads only."""
