from appliance.web import lean as lean  # before anybody imports aiohttp
