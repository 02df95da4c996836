class Job(Base):
    def run(self):
        self.part()
        return self.work()

    def part(self):
        self.started = True
