"""another fingerprint than that of the same table with"""

import hashlib


def fingerprint(table):
    return hashlib.sha256((str(table.schema) + str(table)).encode()).hexdigest()
