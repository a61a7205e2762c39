# ruff: noqa: E501 - as they are printed
"""The bodies that the service's pages print, letter for letter, prompt texts shortened."""

from __future__ import annotations

from typing import Final

GRID_ID: Final = "550e8400-e29b-41d4-a716-446655440000"
FLUX_ID: Final = "661f9511-f30c-52e5-b827-557766551111"
UPSCALED_ID: Final = "772a0622-a41d-63f6-c938-668877662222"

SHEET: Final = "https://cdn.midjourney.com/abc123/grid_0.png"
TILES: Final = (
    "https://cdn.midjourney.com/abc123/0_0.png",
    "https://cdn.midjourney.com/abc123/0_1.png",
    "https://cdn.midjourney.com/abc123/0_2.png",
    "https://cdn.midjourney.com/abc123/0_3.png",
)

SUBMITTED: Final = b'{ "task_id": "550e8400-e29b-41d4-a716-446655440000" }'

SYNCHRONOUS: Final = b"""
{ "task_id": "550e8400-e29b-41d4-a716-446655440000", "status": "finished", "image_url": "https://cdn.example.com/output.png" }
"""

WEBHOOK_FINISHED: Final = b"""
{
  "task_id": "550e8400-e29b-41d4-a716-446655440000",
  "task_type": "imagine",
  "status": "finished",
  "percentage": "100",
  "original_image_url": "https://cdn.midjourney.com/abc123/grid_0.png",
  "image_urls": [
    "https://cdn.midjourney.com/abc123/0_0.png",
    "https://cdn.midjourney.com/abc123/0_1.png",
    "https://cdn.midjourney.com/abc123/0_2.png",
    "https://cdn.midjourney.com/abc123/0_3.png"
  ]
}
"""

WEBHOOK_FAILED: Final = b"""
{ "task_id": "550e8400-e29b-41d4-a716-446655440000", "task_type": "imagine", "status": "failed", "error": "Content policy violation" }
"""

DESCRIBED: Final = """
{
  "task_id": "ff0i8e00-i29l-41n4-k716-446655440000",
  "task_type": "describe",
  "image_url": "https://example.com/photo.jpg",
  "content": ["1️⃣ … --ar 16:9", "2️⃣ … --ar 16:9", "3️⃣ … --ar 16:9", "4️⃣ … --ar 16:9"]
}
""".encode()

SHORTENED: Final = r"""
{
  "task_id": "gg1j9f11-j30m-52o5-l827-557766551111",
  "task_type": "shorten",
  "content": ["1️⃣ …", "2️⃣ …", "3️⃣ …"],
  "full_content": "**Important tokens:** …\n**Low impact:** …"
}
""".encode()

FETCH_PROCESSING: Final = b"""
{ "task_id": "550e8400-e29b-41d4-a716-446655440000", "task_type": "imagine", "model": "midjourney", "status": "processing", "percentage": "45" }
"""

FETCH_GRID: Final = b"""
{ "task_id": "550e8400-e29b-41d4-a716-446655440000", "task_type": "imagine", "model": "midjourney", "status": "finished", "percentage": "100",
  "original_image_url": "https://cdn.midjourney.com/abc123/grid_0.png",
  "image_urls": ["https://cdn.midjourney.com/abc123/0_0.png", "https://cdn.midjourney.com/abc123/0_1.png", "https://cdn.midjourney.com/abc123/0_2.png", "https://cdn.midjourney.com/abc123/0_3.png"] }
"""

FETCH_PICTURE: Final = b"""
{ "task_id": "661f9511-f30c-52e5-b827-557766551111", "task_type": "imagine", "model": "flux-pro", "status": "finished", "percentage": "100",
  "image_url": "https://images.journeyapi.com/flux/abc123.png" }
"""

FETCH_FAILED: Final = b"""
{ "task_id": "550e8400-e29b-41d4-a716-446655440000", "task_type": "imagine", "model": "midjourney", "status": "failed", "error": "Content policy violation" }
"""

FETCH_UPSCALED: Final = b"""
{ "task_id": "772a0622-a41d-63f6-c938-668877662222", "task_type": "upscale-1x", "model": "midjourney", "status": "finished", "image_url": "https://cdn.midjourney.com/def456/0_1.png" }
"""

FETCH_MANY: Final = b'{ "tasks": [' + b",".join((FETCH_PROCESSING, FETCH_PICTURE, FETCH_UPSCALED)) + b"] }"

ACCOUNT: Final = """{ "email": "…", "credits": 12000, "total_images": 695, "plan": "starter" }""".encode()

TWO_MESSAGES: Final = b"""
{ "errors": [{ "msg": "prompt is required" }, { "msg": "aspect_ratio must be a valid ratio (e.g., 16:9)" }] }
"""
NO_CREDITS: Final = b"""{ "errors": [{ "msg": "Insufficient credits" }] }"""
TOO_MANY: Final = b"""{ "errors": [{ "msg": "Rate limit exceeded" }] }"""
