"""KS for numbers, chi-square for words and for the share of nulls, with a bar far below 0.05."""


def alarms(reference, days):
    from scipy import stats

    bar, found, recent = 1e-8, {}, []
    for evening, today in enumerate(days):
        if today.is_empty():
            continue
        recent = [*recent, today][-2:]
        rows = sum(one.height for one in recent)
        for name in reference.columns:
            if name in found:
                continue
            parts = [one[name] for one in recent if name in one.columns]
            column = pl.concat(parts) if parts else reference[name].clear()
            gone = rows - len(column) + column.null_count()
            before = reference[name]
            nulls = [[before.null_count(), len(before) - before.null_count()], [gone, rows - gone]]
            p = stats.chi2_contingency(np.array(nulls) + 0.5).pvalue
            ours, theirs = before.drop_nulls(), column.drop_nulls()
            if len(theirs) and before.dtype.is_numeric():
                p = min(p, stats.ks_2samp(ours, theirs, method="asymp").pvalue)
            elif len(theirs):
                words = ours.unique().to_list()
                table = np.array([[(one == word).sum() for word in words] for one in (ours, theirs)])
                if len(words) > 1:
                    p = min(p, stats.chi2_contingency(table + 0.5).pvalue)
            if p < bar:
                found[name] = evening
    return found
