"""The till and the operator's console in browsers."""
