"""Vendor tools: which version takes which commands, how to run them, and how to read their reports."""
