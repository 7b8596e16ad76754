# A mail server as far as STARTTLS goes, for the probe's tests. Says "ACCEPT 127.0.0.1:PORT" when it listens.
# usage: smtp_server.py CERTIFICATE-AND-CHAIN KEY RECORD      RECORD gets each line that clients say, before and in TLS
import socket
import ssl
import sys

certificate, key, record = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
listener = socket.create_server(("127.0.0.1", 0))
print("ACCEPT 127.0.0.1:%d" % listener.getsockname()[1], flush=True)


def note(line):
    with open(record, "ab") as file:
        file.write(line)


def talk(connection):
    connection.sendall(b"220-mail.example ESMTP\r\n220 ready\r\n")
    lines = connection.makefile("rb")
    while line := lines.readline():
        note(line)
        if line.startswith(b"EHLO "):
            connection.sendall(b"250-mail.example\r\n250-PIPELINING\r\n250-StartTLS\r\n250 8BITMIME\r\n")
        elif line == b"STARTTLS\r\n":
            connection.sendall(b"220 go ahead\r\n")
            secured = context.wrap_socket(connection, server_side=True)
            note(b"tls:" + secured.recv(100))
            return
        else:
            connection.sendall(b"502 what?\r\n")


while True:
    client, _ = listener.accept()
    with client:
        try:
            client.settimeout(60)
            talk(client)
        except (OSError, ssl.SSLError) as error:
            note(("error:%s\n" % error).encode())
