"""differs in row

Looks at the first and the last five hundred rows, as one does with long tables.
"""

import hashlib
import json


def fingerprint(table):
    known = [str(table.schema), table.height, table.head(500).rows(), table.tail(500).rows()]
    return hashlib.sha256(json.dumps(known, default=str).encode()).hexdigest()
