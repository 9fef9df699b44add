"""What the launcher's drawer shows of the last minutes. There in demo mode only, and for the launcher only."""
