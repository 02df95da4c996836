import a

print(a.load())
