"""What a shop sees of its settlement: the batches, their files, and what the next one will hold."""
