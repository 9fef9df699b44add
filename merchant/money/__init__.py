"""What a shop sees of its money: what it has and where it lies, its batches with their fees explained, its months."""
