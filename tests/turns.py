"""Which of the workers of a whole run goes on with what."""

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

PAGES = "tests/browser/"


class Turns(LoadFileScheduling):
    """Pages keep the cores busy, the rest waits for the engine half of the time: so one worker
    turns to the pages as soon as half of the rest is begun, the others when none of it is left.

    Whoever has begun with the pages stays with them: Playwright keeps a loop running in the thread.
    """

    most = 0  # files of the rest there were to begin with

    def _assign_work_unit(self, node: WorkerController) -> None:
        scope = self.next_for(node)
        assert scope
        self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)

    def _reschedule(self, node: WorkerController) -> None:
        if self.workqueue and not node.shutting_down and not self.next_for(node):
            node.shutdown()
        super()._reschedule(node)

    def next_for(self, node: WorkerController) -> str:
        """The file; none where what is left cannot be run there."""
        pages = [scope for scope in self.workqueue if scope.startswith(PAGES)]
        rest = [scope for scope in self.workqueue if not scope.startswith(PAGES)]
        self.most = max(self.most, len(rest))
        if any(scope.startswith(PAGES) for scope in self.assigned_work[node]):
            return next(iter(pages), "")
        if rest and not (pages and node is self.nodes[0] and 2 * len(rest) < self.most):
            return rest[0]
        return next(iter(pages), "")
