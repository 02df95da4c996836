import unittest

from app import mean, twice


class AppTest(unittest.TestCase):
    def test_mean(self):
        self.assertEqual(mean([1, 3]), 2)

class TwiceTest(unittest.TestCase):
    def test_twice(self):
        self.assertEqual(twice(4), 8)
