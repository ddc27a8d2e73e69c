/* Serves on a serial line, for the holders of two keys. The second may not add. */
#include "board.h"
#include "three.h"

/* In flash. Yours come from `oncilla key new`. */
static const oncilla_key keys[] = {
    {1, {'s', 'i', 'x', 't', 'e', 'e', 'n', ' ', 'b', 'y', 't', 'e', 's', ' ', '!', '!'}},
    {2, {'a', 'n', 'd', ' ', 's', 'i', 'x', 't', 'e', 'e', 'n', ' ', 'm', 'o', 'r', 'e'}},
};

static oncilla_server server;
static oncilla_acceptor acceptor;
static uint8_t rx[ONCILLA_SERIAL_BUFFER(ONCILLA_SEALED_CALL(THREE_CALL_MAX))];
static uint8_t tx[ONCILLA_SERIAL_BUFFER(ONCILLA_SEALED_REPLY(THREE_REPLY_MAX))];

/* Returns 0, or AUTH_TOOWEAK of RFC 5531. */
static uint32_t authorize(void *context, const oncilla_request *request)
{
    (void)context;
    return oncilla_request_key(request) == 1 || request->procedure != THREE_ADD ? 0 : 5;
}

int main(void)
{
    /* The programs of `three`, for the holders of keys. */
    static const oncilla_table table = {three_programs, 1, authorize};
    const oncilla_io io = board_line();
    static const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    const uint32_t boot = board_boot_number();
    /* Another start after each reset. A product keeps such a counter in flash. */
    const uint8_t start[ONCILLA_START] = {(uint8_t)(boot >> 24), (uint8_t)(boot >> 16), (uint8_t)(boot >> 8),
                                          (uint8_t)boot};
    if (oncilla_acceptor_init(&acceptor, ONCILLA_SIDE_DEVICE, keys, 2, start, boot) != ONCILLA_OK ||
        oncilla_server_over_serial_with_keys(&server, &table, NULL, ONCILLA_WITHOUT_REPLAY, &io, &buffers, &acceptor) !=
            ONCILLA_OK)
        return 1;
    return oncilla_server_serve(&server) != ONCILLA_OK;
}
