"""Safety: devices and sign-ins, limits, freezing the own money."""
