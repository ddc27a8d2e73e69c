/*
 * Calls the interface of examples/sensor/sensor.x on the host, by the client that `oncilla-rpcgen --language c` makes: reads
 * a channel for ever, and names it after the number of good readings.
 */
#include "board.h"
#include "sensor.h"

static oncilla_client client;
static uint8_t rx[ONCILLA_SERIAL_BUFFER(SENSOR_1_REPLY_MAX)], tx[ONCILLA_SERIAL_BUFFER(SENSOR_1_CALL_MAX)];

int main(void)
{
    const oncilla_io io = board_line();
    static const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    char name[] = "shown 0";
    reading latest;
    history stored;
    bool is_there;
    if (oncilla_client_over_serial(&client, &io, &buffers, 1, board_boot_number()) != ONCILLA_OK ||
        oncilla_client_set_timeout(&client, 200) != ONCILLA_OK) {
        return 1;
    }
    for (;;) {
        if (sensor_1_read(&client, 0, &latest) == ONCILLA_OK && latest.outcome == STATUS_OK &&
            sensor_1_history(&client, 0, &stored) == ONCILLA_OK && stored.count > 0u &&
            stored.items[stored.count - 1u].value == latest.u.latest.value &&
            sensor_1_rename(&client, 0, name, &is_there) == ONCILLA_OK && is_there && name[6] < '9') {
            name[6]++;
        }
    }
}
