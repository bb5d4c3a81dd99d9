"""Rules, without anything around them."""
