"""SQL, and the port suites run against fake and real."""
