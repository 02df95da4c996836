class Job:
    def run(self):
        return 1

    def again(self):
        return self.run() + self.run()


class Other:
    def run(self):
        return 2

    def again(self):
        return self.run()


def all_of(jobs):
    return [job.run() for job in jobs]
