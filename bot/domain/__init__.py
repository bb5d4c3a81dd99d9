"""What moderators talk about: posts, flags, cases, verdicts, coverage, the digest."""
