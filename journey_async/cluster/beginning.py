"""A run of a cluster is begun, or gone on with: planned like every run, and handed to the workers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from attrs import frozen

from journey_async.cluster.names import named
from journey_async.cluster.queues import Job
from journey_async.cluster.store import NodeKept, Store
from journey_async.core.events import NodeFinished, RunPlanned
from journey_async.core.import_path import import_path_of
from journey_async.core.scheduling import generations
from journey_async.errors import Fault, InvalidRequestError
from journey_async.planning import afford, ask_account, beginning, look_up, plan
from journey_async.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from journey_async.cluster.address import Cluster
    from journey_async.cluster.database import Database
    from journey_async.core.node import Node
    from journey_async.core.run_state import RunState
    from journey_async.workings import Workings


@frozen(kw_only=True)
class Begun:
    """A run that workers carry from here on."""

    state: RunState
    planned: RunPlanned
    seen: int
    """How many records it had when they were read."""
    own: range
    """The numbers of those that were written to begin it: workers may have written some in between."""


async def begin(
    workings: Workings,
    database: Database,
    cluster: Cluster,
    graph: Iterable[Node[Any]] | None,
    *,
    budget: float | None,
    in_flight: int | None,
) -> Begun:
    """Plan a run, record it and hand it to the workers; raises what `JourneyClient.run` raises."""
    nodes = None if graph is None else tuple(graph)
    _check(nodes or ())
    await database.check()
    busy = f"run {cluster.run} is just being begun by another process: wait a moment"
    async with named(cluster, f"run {cluster.run}", busy):
        kept = await database.call(Store.records, cluster.run)
        # The functions of a graph that goes on are known to the workers.
        made = await plan(nodes, [record for _, record in kept], file=str(cluster), functions_elsewhere=True)
        state = made.state
        account = await ask_account(workings.sender)
        await look_up(workings.sender, state, now=time.time())
        afford(state, balance=account.credits, budget=budget)
        planned = RunPlanned(
            nodes=len(state.nodes),
            to_send=state.to_send,
            credits=state.to_pay,
            earlier=state.history.spending,
            differences=made.differences,
            balance=account.credits,
            slots=account.slots if in_flight is None else in_flight,
        )
        records = beginning(made, version=__version__, account=account, slots=planned.slots, now=time.time())
        found = state.news()
        choosers = await database.call(Store.choosers, cluster.run)
        earlier = await database.call(Store.run, cluster.run)
        after = cluster.after is not None or (nodes is None and earlier is not None and earlier.after is not None)
        drawn = _kept(state, choosers)
        await database.call(Store.told, account.slots)
        written = [*records, *found.records]
        count = await database.call(
            Store.begin,
            cluster.run,
            written,
            drawn,
            _jobs(state, cluster.run, drawn, after=after),
            in_flight=in_flight,
            after=cluster.after_path,
            anew=nodes is not None,
        )
        await database.call(Store.put_back, cluster.run)
    own = range(count - len(written) + 1, count + 1)
    return Begun(state=state, planned=planned, seen=kept[-1][0] if kept else 0, own=own)


def _check(nodes: Iterable[Node[Any]]) -> None:
    """Check that workers can send the nodes. Raises `InvalidRequestError` with all faults."""
    faults: list[Fault] = []
    for node in nodes:
        if node.choice is not None and import_path_of(node.choice) is None:
            message = (
                f"the function that chooses for node {node.key} cannot be imported by workers: define it at the top of "
                "a module that is installed where they run"
            )
            faults.append(Fault(argument="index", value=node.choice, message=message))
        if "webhook_secret" in node.fields:
            message = f"the webhook secret of node {node.key} is kept nowhere: give the workers a WebhookReceiver"
            faults.append(Fault(argument="webhook_secret", value="(secret)", message=message))
    if faults:
        raise InvalidRequestError("run", faults)


def _kept(state: RunState, choosers: Mapping[int, str]) -> list[NodeKept]:
    places = {node.key: place for place, node in enumerate(state.nodes)}
    parents = [None if node.parent is None else places[node.parent.key] for node in state.nodes]
    below = generations(parents)
    highest = max(below, default=0)
    return [
        NodeKept(
            number=number,
            parent=None if parent is None else state.numbers[parent],
            key=node.key,
            # The longest way below it first, as on one machine.
            priority=1 + highest - generation,
            choose=None if node.choice is None else choosers.get(number, import_path_of(node.choice)),
        )
        for node, number, parent, generation in zip(state.nodes, state.numbers, parents, below, strict=True)
    ]


def _jobs(state: RunState, run: str, drawn: list[NodeKept], *, after: bool) -> list[Job]:
    """Give what can be done now; the rest follows from the ends of these."""
    carried = [*state.take_submitted(), *state.take_marked()]
    while (place := state.take()) is not None:
        carried.append(place)
    jobs = [Job("carry", run, drawn[place].number, drawn[place].priority) for place in carried]
    jobs += [Job("choose", run, drawn[place].number, drawn[place].priority) for place in state.take_choices()]
    if after:
        finished = (place for place, _ in enumerate(drawn) if isinstance(state.row(place), NodeFinished))
        jobs += [Job("after", run, drawn[place].number) for place in finished]
    return jobs
