"""The lab: where an engineer moves the clock, asks for outcomes and breaks callbacks."""
