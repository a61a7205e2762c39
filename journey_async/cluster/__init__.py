"""One account on several machines: its runs, its slots and its deliveries in a PostgreSQL database."""
