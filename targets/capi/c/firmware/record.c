/* Serves on record marking, as on a connection. To be measured, not run: a UART loses bytes and needs server.c. */
#include "board.h"
#include "three.h"

static oncilla_server server;
static uint8_t rx[ONCILLA_RECORD_BUFFER(THREE_CALL_MAX)], tx[ONCILLA_RECORD_BUFFER(THREE_REPLY_MAX)];

int main(void)
{
    const oncilla_io io = board_line();
    static const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    if (oncilla_server_over_record(&server, &three, NULL, NULL, &io, &buffers) != ONCILLA_OK)
        return 1;
    return oncilla_server_serve(&server) != ONCILLA_OK;
}
