"""Each night: is a week finished, and drawn from?"""

from procrastinate.contrib.django import app

from watchroom.foundation import clock, scope
from watchroom.resolution.quality import actions


@app.periodic(cron="23 4 * * *")
@app.task(name="resolution.draw_week", queueing_lock="resolution.draw_week", pass_context=False)
def draw_week(timestamp: int) -> None:
    for force in scope.forces():
        with scope.use(force):
            actions.draw_week(at=clock.now())
