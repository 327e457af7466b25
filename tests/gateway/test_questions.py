"""Blocking questions are asked once at a time, and nobody waits for them without end."""

import asyncio
import threading
import time

import pytest

from gateway.questions import MOST_OPEN, Questions


class Slow:
    """A question that is answered when told, and counts how often it was put."""

    def __init__(self) -> None:
        self.put = 0
        self.goes = threading.Event()

    def __call__(self) -> int:
        self.put += 1
        self.goes.wait(10)
        return self.put


async def test_who_asks_what_is_being_asked_shares_the_answer() -> None:
    questions, slow = Questions(seconds=5), Slow()
    asked = [asyncio.create_task(questions.ask("same", slow)) for _ in range(20)]
    await asyncio.sleep(0.05)
    slow.goes.set()

    assert await asyncio.gather(*asked) == [1] * 20


async def test_a_question_answered_before_is_asked_anew() -> None:
    questions, slow = Questions(seconds=5), Slow()
    slow.goes.set()

    assert [await questions.ask("same", slow) for _ in range(3)] == [1, 2, 3]


async def test_nobody_waits_longer_than_told_and_the_next_one_hears_the_answer() -> None:
    questions, slow = Questions(seconds=0.1), Slow()
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        await questions.ask("same", slow)
    assert time.monotonic() - began < 5
    slow.goes.set()

    assert await questions.ask("same", slow) == 1


async def test_an_error_reaches_all_who_asked_and_is_not_kept() -> None:
    questions = Questions(seconds=5)

    def fails() -> int:
        raise KeyError

    told = await asyncio.gather(*(questions.ask("same", fails) for _ in range(3)), return_exceptions=True)

    assert [type(each) for each in told] == [KeyError] * 3
    assert await questions.ask("same", lambda: 4) == 4


async def test_more_questions_than_can_be_asked_soon_are_turned_away_at_once() -> None:
    questions, slow = Questions(seconds=10), Slow()
    asked = [asyncio.create_task(questions.ask(name, slow)) for name in range(MOST_OPEN)]
    await asyncio.sleep(0)
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        await questions.ask("one more", slow)

    assert time.monotonic() - began < 5
    slow.goes.set()
    await asyncio.gather(*asked, return_exceptions=True)
