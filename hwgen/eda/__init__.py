"""Open tools for RTL: found, version checked, run. Nothing here knows what the RTL is for."""
