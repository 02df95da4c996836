import sys
import unittest

import test_app

suite = unittest.defaultTestLoader.loadTestsFromModule(test_app)
result = unittest.TestResult()
suite.run(result)
for test, trace in result.errors + result.failures:
    print("FAIL:", test.id().split(".")[-1], trace.strip().splitlines()[-1])
sys.exit(len(result.errors + result.failures) > 0)
