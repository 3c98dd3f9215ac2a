"""The categories that customers, their events and their credit applications come in, as plain data."""

from cardshop.quality import CHANNELS

COUNTRIES = ("DE", "FR", "GB", "NL", "IT", "CH")
SEGMENTS = ("collector", "player", "reseller", "gift")
SOURCES = ("search", "friend", "social", "store", "voucher")
DEVICES = ("web", "app")
EVENT_TYPES = ("visit", "search", "purchase", "support", "newsletter", "survey")
EVENT_CHANNELS = (*CHANNELS, "mail")
TOPICS = ("late parcel", "damaged card", "wrong card", "question")
"""What a support contact is about."""

BIRTHPLACES = ("domestic", "abroad")
DISTRICTS = tuple(f"D{number:02d}" for number in range(1, 13))
EMPLOYMENTS = ("permanent", "temporary", "self-employed", "student", "none")
TERMS = (6, 12, 24)  # months
