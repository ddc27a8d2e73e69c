/* Calls the host on a serial line without hellos for ever: each sum is an argument of the next call. */
#include "board.h"
#include "three.h"

static oncilla_client client;
static uint8_t rx[ONCILLA_SERIAL_BUFFER(THREE_REPLY_MAX)], tx[ONCILLA_SERIAL_BUFFER(THREE_CALL_MAX)];

static oncilla_status add(int32_t a, int32_t b, int32_t *sum)
{
    uint8_t memory[8];
    oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader results;
    oncilla_status status;
    oncilla_put_i32(&arguments, a);
    oncilla_put_i32(&arguments, b);
    status = oncilla_client_call(&client, THREE_PROGRAM, THREE_VERSION, THREE_ADD, &arguments, &results);
    if (status != ONCILLA_OK)
        return status;
    oncilla_get_i32(&results, sum);
    return oncilla_get_end(&results);
}

int main(void)
{
    const oncilla_io io = board_line();
    static const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    int32_t sum = 0;
    if (oncilla_client_over_cobs(&client, &io, &buffers, board_boot_number() << 16) != ONCILLA_OK ||
        oncilla_client_set_timeout(&client, 200) != ONCILLA_OK)
        return 1;
    for (;;) {
        int32_t next;
        /* If the host does not answer, the call is repeated with the last sum. */
        if (add(sum, 1, &next) == ONCILLA_OK)
            sum = next;
    }
}
