"""A policy trial takes as long as there are decisions: it is done beside, and its page shows how far it is."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from watchroom.demand import actions
from watchroom.foundation import scope


@app.task(name="demand.try_policy", retry=RetryStrategy(max_attempts=3, exponential_wait=5))
def try_policy(force: str, trial: int) -> None:
    with scope.use(force):
        actions.run_trial(trial)
