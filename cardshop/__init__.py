"""Cardshop, a marketplace for trading cards: the production system that the course teaches, launches and breaks."""
