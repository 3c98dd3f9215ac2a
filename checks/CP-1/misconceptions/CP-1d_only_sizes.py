"""at least two claims about different issues"""


def claims(delivery, reference):
    ours = restored(delivery, reference)
    names = ("card_id", "name", "set_code", "rarity", "card_type")
    return [{"statistic": "rows", "table": "delivery", "slice": {}, "value": ours.height, "tolerance": 0}] + [
        {
            "statistic": f"unique({name})",
            "table": "delivery",
            "slice": {},
            "value": ours[name].drop_nulls().n_unique(),
            "tolerance": 0,
        }
        for name in names
        if name in ours.columns
    ]
