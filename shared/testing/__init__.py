"""What a shop's tests start and use (fixtures, scenarios), and the commands that test and measure Saoma itself."""
