"""The launcher: one page with two phones and a till, and the supervisor that runs the services behind it."""
