"""the table disagrees"""


def claims(delivery, reference):
    one = {"table": "delivery", "slice": {}, "tolerance": 0.001}
    return [
        {"statistic": "rows", "table": "delivery", "slice": {}, "value": 617, "tolerance": 0},
        {**one, "statistic": "share_missing(hp)", "value": 0.0016},
        {**one, "statistic": "share_missing(name)", "value": 0.0016},
        {**one, "statistic": "ks(attack)", "value": 0.41},
        {**one, "statistic": "ks(speed)", "value": 0.37},
    ]
