"""Set arithmetic on normalised names, a list of dicts as the answer."""


def schema_findings(delivery, reference):
    def plain(name):
        return "".join(letter for letter in name.lower() if letter.isalnum() and letter.isascii())

    given = {plain(name): name for name in delivery.columns}
    known = {plain(name): name for name in reference.columns}
    rows = [{"column": given[key], "change": "added"} for key in given.keys() - known.keys()]
    rows += [{"column": known[key], "change": "removed"} for key in known.keys() - given.keys()]
    for key in given.keys() & known.keys():
        if given[key] != known[key]:
            rows.append({"column": known[key], "change": "renamed"})
        if delivery[given[key]].dtype != reference[known[key]].dtype:
            rows.append({"column": known[key], "change": "retyped"})
    return rows
