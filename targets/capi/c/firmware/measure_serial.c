/* Measures the server of server.c. */
#define BEGIN_SERVER(io, buffers) oncilla_server_over_serial(&server, &three, NULL, ONCILLA_WITHOUT_REPLAY, io, buffers, 9)
#define BEGIN_CLIENT(io, buffers) oncilla_client_over_serial(&client, io, buffers, 0x0304u, 7)
#include "measure.h"
