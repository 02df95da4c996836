class Job(Base):
    def run(self):
        self.started = True
        return self.work()
