/* An endpoint on a serial line without hellos: serves the host with a replay cache, and calls the host after each call served. */
#include "board.h"
#include "three.h"

#define REPLIES 4
#define LARGEST (THREE_CALL_MAX > THREE_REPLY_MAX ? THREE_CALL_MAX : THREE_REPLY_MAX)

static oncilla_replay replay;
static uint8_t replies[ONCILLA_REPLAY_BYTES(REPLIES, THREE_REPLY_MAX)];
static oncilla_endpoint endpoint;
static uint8_t rx[ONCILLA_SERIAL_BUFFER(LARGEST)], tx[ONCILLA_SERIAL_BUFFER(LARGEST)];

static oncilla_status tell(uint32_t served)
{
    uint8_t memory[8];
    oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader results;
    int32_t sum;
    oncilla_status status;
    oncilla_put_u32(&arguments, served);
    oncilla_put_i32(&arguments, 1);
    status = oncilla_client_call(&endpoint.client, THREE_PROGRAM, THREE_VERSION, THREE_ADD, &arguments, &results);
    if (status != ONCILLA_OK)
        return status;
    oncilla_get_i32(&results, &sum);
    return oncilla_get_end(&results);
}

int main(void)
{
    const oncilla_io io = board_line();
    static const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    const uint32_t boot = board_boot_number();
    uint32_t served = 0;
    if (oncilla_replay_init(&replay, THREE_REPLY_MAX, replies, sizeof replies) != ONCILLA_OK ||
        oncilla_endpoint_over_cobs(&endpoint, &three, NULL, &replay, &io, &buffers, boot << 16) != ONCILLA_OK)
        return 1;
    for (;;)
        if (oncilla_endpoint_serve_next(&endpoint, ONCILLA_NEVER) == ONCILLA_OK)
            /* If the host misses this call, the next one has the new count. */
            (void)tell(++served);
}
