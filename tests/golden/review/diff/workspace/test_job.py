from job import report


def test_report():
    assert report([]) == 0
