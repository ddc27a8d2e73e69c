/* Serves on a serial line with full headers and without hellos, which takes less flash. */
#include "board.h"
#include "three.h"

static oncilla_server server;
static uint8_t rx[ONCILLA_SERIAL_BUFFER(THREE_CALL_MAX)], tx[ONCILLA_SERIAL_BUFFER(THREE_REPLY_MAX)];

int main(void)
{
    const oncilla_io io = board_line();
    static const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    if (oncilla_server_over_cobs(&server, &three, NULL, ONCILLA_WITHOUT_REPLAY, &io, &buffers) != ONCILLA_OK)
        return 1;
    return oncilla_server_serve(&server) != ONCILLA_OK;
}
