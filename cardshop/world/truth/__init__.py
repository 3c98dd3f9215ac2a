"""How the world works: what generates its tables, and what was planted in them. Withheld from submissions."""
