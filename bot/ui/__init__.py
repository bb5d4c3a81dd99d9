"""What people see: sentences, cards, charts, and the channel they are posted to."""
