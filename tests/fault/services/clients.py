"""TLS clients that connect again and again, each judging what it is shown."""
import collections
import socket
import ssl
import threading
import time


class Clients:
    """One thread for each service; every connection is a whole handshake that checks chain and name."""

    def __init__(self, services, authorities, name):
        self.handshakes = collections.Counter()
        self.failures = []
        self._certificates = collections.defaultdict(set)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._connect_always, args=(service, authorities, name), daemon=True)
                         for service in services]

    def _connect_always(self, service, authorities, name):
        context = ssl.create_default_context(cafile=str(authorities))
        while not self._stop.is_set():
            try:
                with socket.create_connection(("127.0.0.1", service.port), timeout=20) as plain, \
                        context.wrap_socket(plain, server_hostname=name) as secured:
                    self._certificates[service.name].add(secured.getpeercert()["serialNumber"])
                self.handshakes[service.name] += 1
            except OSError as error:  # ssl.SSLError is one
                self.failures.append(f"{service.name}: {error}")
            time.sleep(0.005)

    def certificates(self, service):
        """How many different ones were shown."""
        return len(self._certificates[service.name])

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
