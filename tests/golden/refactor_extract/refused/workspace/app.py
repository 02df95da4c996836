def first(rows):
    for row in rows:
        if not row:
            continue
        seen = row
        if row > 1:
            return row
    return None
