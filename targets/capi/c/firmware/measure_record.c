/* Measures the server of record.c. */
#define BEGIN_SERVER(io, buffers) oncilla_server_over_record(&server, &three, NULL, NULL, io, buffers)
#define BEGIN_CLIENT(io, buffers) oncilla_client_over_record(&client, io, buffers, 0x0304u)
#include "measure.h"
