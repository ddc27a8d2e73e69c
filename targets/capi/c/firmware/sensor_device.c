/* Serves the interface of examples/sensor/sensor.x, compiled by `oncilla-rpcgen --language c`, on a serial line. */
#include "board.h"
#include "sensor.h"

/* The device measures whenever it is asked: from 21.5 °C on, one thousandth more each time. */
typedef struct device {
    history stored;
    char name[NAME_MAX + 1];
} device;

static device state;

oncilla_status sensor_1_serve_read(void *context, const oncilla_request *request, uint32_t channel, reading *result)
{
    device *const self = (device *)context;
    (void)request;
    if (channel != 0u) {
        result->outcome = STATUS_NO_SUCH_CHANNEL;
        return ONCILLA_OK;
    }
    result->outcome = STATUS_OK;
    result->u.latest.time = board_now(NULL) / 1000u;
    result->u.latest.value = 21500 + (int32_t)self->stored.count;
    if (self->stored.count < 8u) {
        self->stored.items[self->stored.count] = result->u.latest;
        self->stored.count++;
    }
    return ONCILLA_OK;
}

oncilla_status sensor_1_serve_history(void *context, const oncilla_request *request, uint32_t channel, history *result)
{
    const device *const self = (const device *)context;
    (void)request;
    if (channel == 0u) {
        *result = self->stored;
    }
    return ONCILLA_OK;
}

oncilla_status sensor_1_serve_rename(void *context, const oncilla_request *request, uint32_t channel, const char *name,
                                     bool *result)
{
    device *const self = (device *)context;
    size_t i = 0;
    (void)request;
    *result = channel == 0u;
    for (; *result && name[i] != '\0' && i < sizeof self->name - 1u; i++) {
        self->name[i] = name[i];
    }
    self->name[i] = '\0';
    return ONCILLA_OK;
}

static oncilla_server server;
static uint8_t rx[ONCILLA_SERIAL_BUFFER(SENSOR_1_CALL_MAX)], tx[ONCILLA_SERIAL_BUFFER(SENSOR_1_REPLY_MAX)];

int main(void)
{
    const oncilla_io io = board_line();
    static const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    if (oncilla_server_over_serial(&server, &sensor_1_table, &state, ONCILLA_WITHOUT_REPLAY, &io, &buffers,
                                   board_boot_number()) != ONCILLA_OK) {
        return 1;
    }
    return oncilla_server_serve(&server) != ONCILLA_OK;
}
