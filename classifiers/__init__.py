"""What reads the words: the taxonomy, the contract, and the models behind it."""
