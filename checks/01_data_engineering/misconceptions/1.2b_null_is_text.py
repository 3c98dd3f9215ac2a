"""a null in place of the text"""

import hashlib


def fingerprint(table):
    text = str(table.schema) + repr([[str(v) for v in row] for row in table.rows()])
    return hashlib.sha256(text.encode()).hexdigest()
