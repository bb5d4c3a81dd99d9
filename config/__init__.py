"""Operator settings."""
