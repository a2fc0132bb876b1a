"""A call that is made once: discord.py repeats what fails by itself, and what Discord cannot recognise would
then be there twice."""

from typing import Any

import aiohttp
from discord.http import HTTPClient, Route


async def once(http: HTTPClient, route: Route, **more: Any) -> Any:
    """Make a call; what fails on the way is raised at once. A limit is still waited for, as nothing was done
    before it.

    Raises:
        aiohttp.ClientResponseError: Discord has trouble of its own (5xx), and may have done it or not.
    """
    return await http.request(route, raise_for_status=_give_up, **more)


async def _give_up(response: aiohttp.ClientResponse) -> None:
    """Called with each answer, before discord.py sees it."""
    if response.status >= 500:
        raise aiohttp.ClientResponseError(
            response.request_info, response.history, status=response.status, message=response.reason or ""
        )
