"""Three habits of feature code that look innocent, each beside a careful way: what the lesson on features shows."""

import polars as pl
from sklearn.preprocessing import OneHotEncoder


def categories_of_tonight():
    catalogue = pl.DataFrame({"rarity": ["Common", "Rare", "Ultra"]})
    tonight = pl.DataFrame({"rarity": ["Rare"]})
    return catalogue.to_dummies().width, tonight.to_dummies().width


def categories_remembered():
    catalogue = pl.DataFrame({"rarity": ["Common", "Rare", "Ultra"]})
    tonight = pl.DataFrame({"rarity": ["Rare"]})
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(catalogue)
    return encoder.transform(catalogue).shape[1], encoder.transform(tonight).shape[1]


def mean_of_tonight():
    def filled(scans):
        return scans.fill_null(scans.mean())

    return filled(pl.Series([40, None, 60]))[1], filled(pl.Series([None, 120, 130]))[0]


def median_remembered():
    catalogue = pl.Series([40, 50, 60, 120, 130])

    def filled(scans):
        return scans.fill_null(catalogue.median())

    return filled(pl.Series([40, None, 60]))[1], filled(pl.Series([None, 120, 130]))[0]


def one_value_rules():
    prices = pl.Series([2.0, 2.5, 3.0, 900.0])
    scaled = (prices - prices.mean()) / prices.std()
    return [round(value, 2) for value in scaled]


def one_value_tamed():
    prices = pl.Series([2.0, 2.5, 3.0, 900.0])
    scaled = prices.log() - prices.log().median()
    return [round(value, 2) for value in scaled]
