/* Measures the client of cobs_client.c. */
#define BEGIN_SERVER(io, buffers) oncilla_server_over_cobs(&server, &three, NULL, ONCILLA_WITHOUT_REPLAY, io, buffers)
#define BEGIN_CLIENT(io, buffers) oncilla_client_over_cobs(&client, io, buffers, 0x05060708u)
#define MEASURES_CLIENT
#include "measure.h"
