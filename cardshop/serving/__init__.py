"""The service: takes cards as the scanner sends them, and answers with their types."""
