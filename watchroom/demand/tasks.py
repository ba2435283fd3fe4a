"""What takes long is done beside: a policy trial, whose page shows how far it is; and each hour, whether grades go with load."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from watchroom.demand import actions
from watchroom.foundation import clock, scope


@app.task(name="demand.try_policy", retry=RetryStrategy(max_attempts=3, exponential_wait=5))
def try_policy(force: str, trial: int) -> None:
    with scope.use(force):
        actions.run_trial(trial)


@app.periodic(cron="7 * * * *")
@app.task(name="demand.look_for_drift", queueing_lock="demand.look_for_drift", pass_context=False)
def look_for_drift(timestamp: int) -> None:
    """Not in the sweeper, which has due times to look for every second: it reads weeks of grades."""
    for force in scope.forces():
        with scope.use(force):
            actions.look_for_drift(at=clock.now())
