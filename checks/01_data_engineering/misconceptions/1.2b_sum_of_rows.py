"""the rows in reverse"""


def fingerprint(table):
    return f"{table.schema} {table.hash_rows(seed=1).sum()}"
