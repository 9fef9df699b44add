"""The benchmark behind `run.py bench`: ours and the references in turn, in one run, on one machine. See __main__.py."""
