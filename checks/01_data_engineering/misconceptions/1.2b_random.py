"""two calls with one table gave two texts"""

import uuid


def fingerprint(table):
    return str(uuid.uuid4())
