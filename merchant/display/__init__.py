"""What a shop puts up for others to see and hear: the customer's display, the sound box."""
