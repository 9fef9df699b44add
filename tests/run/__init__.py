"""The one command: what it refuses, the environment it makes, the processes it runs."""
