"""What both services show and guard in the same way: shell, errors, sessions, live events, sentences."""
