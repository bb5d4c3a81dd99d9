"""The Discord bot: domain, services, storage, and what people see."""
