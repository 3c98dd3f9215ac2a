"""Python's hash() of a text differs from process to process"""


def fingerprint(table):
    return str(hash((str(table.schema), tuple(table.rows()))))
