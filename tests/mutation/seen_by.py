"""Which tests can see a mutant: for each module of the core the files that try it."""

from __future__ import annotations

from typing import Final

ACTIONS: Final = "core/test_actions core/test_action_bodies core/test_action_faults core/test_action_extras"
READING: Final = (
    "core/test_tasks core/test_reading core/test_reading_documented core/test_reading_leniently "
    "core/test_reading_refusals"
)
OPENAPI: Final = "openapi/test_document openapi/test_requests openapi/test_replies"
FILES: Final = "graph/test_files graph/test_files_on_disk graph/test_rows"
GRAPHS: Final = "graph/test_choices graph/test_existing_tasks graph/test_signatures graph/test_drawing"
RUNS: Final = (
    "core/test_run_state core/test_history core/test_outcome core/test_matching "
    "graph/test_simulation runs/test_running runs/test_choosing runs/test_resuming runs/test_existing runs/test_trouble"
)
_SEEN_BY: Final = {
    "actions": f"{ACTIONS} core/test_signatures core/test_legality {OPENAPI} graph/test_choices",
    "belief": "core/test_belief graph/test_simulation client/test_slots",
    "board": f"{RUNS} runs/test_paying",
    "checks": f"{ACTIONS} core/test_signatures {OPENAPI}",
    "deliveries": "core/test_deliveries webhooks/test_receiver webhooks/test_asgi webhooks/test_aiohttp",
    "diagram": "core/test_diagram docs/test_pages",
    "download_defaults": "core/test_file_names downloads/test_files",
    "events": f"core/test_values {RUNS} cli/test_run_counts gallery/test_model",
    "file_names": "core/test_file_names downloads/test_files",
    "follow_ups": "core/test_follow_ups core/test_tokens client/test_acting",
    "graph_diagram": "graph/test_graph_diagram",
    "graph_faults": "graph/test_files",
    "graph_text": f"{FILES} graph/test_properties",
    "history": f"core/test_history {RUNS}",
    "import_path": "core/test_import_path",
    "kinds": f"core/test_kinds core/test_tasks core/test_rules {READING}",
    "legality": f"core/test_legality core/test_follow_ups core/test_signatures {OPENAPI} graph/test_choices",
    "matching": f"core/test_matching {RUNS}",
    "media": "core/test_media downloads/test_files downloads/test_exchange",
    "models": f"core/test_models core/test_signatures {ACTIONS} {OPENAPI}",
    "node": f"{GRAPHS} {FILES} core/test_outcome core/test_run_state runs/test_running",
    "nodes": f"{GRAPHS} {FILES} core/test_matching core/test_run_state runs/test_running graph/test_properties",
    "openapi": OPENAPI,
    "openapi_replies": OPENAPI,
    "openapi_requests": OPENAPI,
    "outcome": f"core/test_outcome {RUNS}",
    "agenda": "core/test_agenda core/test_following client/test_watching",
    "courses": "core/test_courses core/test_following client/test_watching",
    "glimpse": "core/test_glimpse client/test_watching",
    "pacing": "core/test_pacing core/test_following client/test_watching cli/test_demo",
    "reading": f"{READING} core/test_retrying",
    "records": f"core/test_records {RUNS} journal/test_journal",
    "replay": "core/test_replay",
    "retrying": "core/test_retrying client/test_faults client/test_money",
    "revival": f"{RUNS} runs/test_settling",
    "rows": "graph/test_rows",
    "rules": f"core/test_rules core/test_legality core/test_follow_ups {ACTIONS} graph/test_drawing",
    "run_state": f"{RUNS} runs/test_paying runs/test_settling",
    "scheduling": f"core/test_scheduling {RUNS}",
    "spending": "core/test_history core/test_outcome client/test_statistics",
    "sketches": f"{GRAPHS} {FILES} graph/test_properties",
    "tasks": f"core/test_tasks {READING}",
    "tokens": "core/test_tokens client/test_acting",
    "toml_text": f"graph/test_toml_text {FILES}",
    "wire": f"core/test_wire {READING} {ACTIONS}",
}
SEEN_BY: Final = {module: dict.fromkeys([*files.split(), "core/test_values"]) for module, files in _SEEN_BY.items()}
"""For each module the files of tests that can see it, those first that are fast or most likely to notice."""
