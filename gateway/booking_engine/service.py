"""What the API's routes share: the database behind bounded questions, the common commit, and who calls."""

from collections.abc import Callable, Hashable
from typing import Annotated, Final, NamedTuple, TypeVar

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from gateway.booking_engine.outcomes import WAIT_SECONDS, Outcomes
from gateway.booking_engine.problems import unavailable
from gateway.group_commit import GroupCommit
from gateway.questions import Questions
from storage.rate_limit import SharedRateLimit
from storage.sealing import Keys

Answer = TypeVar("Answer")
ANSWER_SECONDS: Final = 3.0
THREADS: Final = 8


class Terms(NamedTuple):
    """How many requests one key may make, and how long who asks for a booking waits for its outcome."""

    per_second: float = 50.0
    burst: int = 200
    wait_seconds: float = WAIT_SECONDS


class Service:
    """One gateway's side of the API."""

    def __init__(self, engine: Engine, commit: GroupCommit, keys: Keys, outcomes: Outcomes, terms: Terms) -> None:
        self.commit = commit
        self.keys = keys
        self.outcomes = outcomes
        self.terms = terms
        address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self.rate_limit = SharedRateLimit(address)
        self._engine = engine
        self._questions = Questions(seconds=ANSWER_SECONDS, threads=THREADS)

    async def ask(self, question: Callable[[Connection], Answer], name: Hashable = None) -> Answer:
        """Put a question to the database; those of one name share an answer. Raises what it raises, or ProblemError 503."""

        def answered() -> Answer:
            with self._engine.connect() as connection:
                return question(connection)

        return await self.call(answered, name)

    async def call(self, blocking: Callable[[], Answer], name: Hashable = None) -> Answer:
        """Call something that talks to the database by itself."""
        try:
            return await self._questions.ask(name or object(), blocking)
        except (SQLAlchemyError, TimeoutError) as error:
            raise unavailable() from error


def _service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


ServiceDep = Annotated[Service, Depends(_service)]
