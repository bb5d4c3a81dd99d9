"""The real client against a small server that speaks the gateway and the routes in use."""
