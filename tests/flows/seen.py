"""What operators see of a flow run: its name, its artifacts."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
from prefect import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.objects import Artifact, FlowRun


def newest_run(name: str) -> FlowRun:
    async def find() -> FlowRun:
        async with get_client() as client:
            named = FlowRunFilter(name=FlowRunFilterName(like_=name))
            runs = await client.read_flow_runs(flow_run_filter=named)
            assert runs, f"no run is named like {name}"
            return max(runs, key=lambda run: str(run.created))

    return asyncio.run(find())


def artifacts(run_id: UUID, kind: str) -> list[Artifact]:
    async def find() -> list[Artifact]:
        async with get_client() as client:
            of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
            return await client.read_artifacts(artifact_filter=of_run)

    return [each for each in asyncio.run(find()) if each.type == kind]


def table_of(run: FlowRun) -> list[dict[str, Any]]:
    (artifact,) = artifacts(run.id, "table")
    rows: list[dict[str, Any]] = msgspec.json.decode(str(artifact.data))
    return rows
