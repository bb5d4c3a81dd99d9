"""Measure a classifier against people's labels."""
