"""What `benchmarks/csim_speed.py` measures, a module for each contestant."""
