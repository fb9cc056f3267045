"""A real registrar with passwords: Kamailio, which also passes calls on to whom it knows."""

import asyncio
import contextlib
from pathlib import Path

from tests.peers.endpoint import Endpoint

CONFIG = """
debug=2
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:{host}:{port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
request_route {{
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("$fd", "{password}", "0")) {{
            www_challenge("$fd", "0");
            exit;
        }}
        save("location");
        exit;
    }}
    if (is_method("INVITE|CANCEL|ACK")) {{
        if (!lookup("location")) {{
            sl_send_reply("404", "Not registered");
            exit;
        }}
        t_relay();
        exit;
    }}
    sl_send_reply("200", "OK");
}}
"""


class Kamailio:
    """Start and stop; every user has the same password."""

    def __init__(self, folder: Path, host: str, port: int, password: str) -> None:
        self._folder, self._place = folder, (host, port)
        self._config = CONFIG.format(host=host, port=port, password=password)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Returns when it answers. Raises TimeoutError with its log."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / "kamailio.cfg"
        path.write_text(self._config)
        with (self._folder / "kamailio.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                "/usr/sbin/kamailio", "-DD", "-E", "-m", "32", "-M", "8", "-f", str(path),
                "-w", str(self._folder), "-Y", str(self._folder),
                "-P", str(self._folder / "pid"),
                stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL,
            )  # fmt: skip

        probe = await Endpoint.open(self._place[0], self._place)
        try:
            await probe.options(8.0)
        except TimeoutError:
            raise TimeoutError((self._folder / "kamailio.log").read_text()[-2000:]) from None
        finally:
            probe.close()

    async def stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._process.wait()
                return
        self._process.kill()
        await self._process.wait()
