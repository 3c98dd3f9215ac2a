"""Evidently's report of live traffic (P-5). It needs `python install.py --extra evidently`."""

import re

import numpy as np
import pytest

from cardshop.monitoring.watch import REFERENCE, WINDOW

from ..cardshop.test_monitoring import write
from .test_stack import cardshop


def test_the_report_compares_the_latest_cards_with_the_reference_and_loads_nothing(tmp_path):
    pytest.importorskip("evidently")
    rng, journal = np.random.default_rng(1), tmp_path / "journal"
    journal.mkdir()
    write(journal, 0, REFERENCE, rng, 80)
    early = cardshop("report", "--folder", tmp_path)
    assert early.returncode == 2 and "2,000 of 2,000 for the reference, and 0 later ones" in early.stderr
    write(journal, REFERENCE, WINDOW, rng, 110)
    made = cardshop("report", "--folder", tmp_path)
    assert made.returncode == 0 and "500 cards beside 2,000 earlier ones" in made.stdout, made.stderr
    assert made.stderr == ""
    page = (tmp_path / "drift.html").read_text()
    assert "hp" in page and "predicted_type" in page and "attack is missing" in page
    assert not re.search(r"<(script|link)[^>]*(src|href)=.?https?:", page)
