"""its text cut into"""

import hashlib


def fingerprint(table):
    text = str(table.schema) + "\n".join(
        "".join("<null>" if v is None else str(v) for v in row) for row in table.rows()
    )
    return hashlib.sha256(text.encode()).hexdigest()
