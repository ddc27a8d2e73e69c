/* Text and logs beside calls on a serial line. */
#include "checks.h"

#define TEXT "ready\r\n"
#define LOG "\0\1\377"

typedef struct shown {
    loop line;
    char text[16];
    uint8_t log[8];
    size_t text_length, log_length, dropped;
} shown;

static void show(void *context, uint32_t what, const uint8_t *bytes, size_t length)
{
    shown *self = context;
    if (what == ONCILLA_BESIDE_TEXT && length <= sizeof self->text) {
        memcpy(self->text, bytes, length);
        self->text_length = length;
    } else if (what == ONCILLA_BESIDE_LOG && length <= sizeof self->log) {
        memcpy(self->log, bytes, length);
        self->log_length = length;
    } else if (what == ONCILLA_BESIDE_DROPPED) {
        self->dropped += length;
    }
}

void check_lines(void)
{
    static shown self;
    static uint8_t rx[160], tx[160];
    static oncilla_server server;
    static const oncilla_table table = {programs, 2, NULL};
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    oncilla_io io = loop_io(&self.line), none = {0};
    uint8_t memory[ONCILLA_SERIAL_BUFFER(sizeof LOG)];

    io.beside = show;
    CHECK_STATUS(oncilla_server_over_serial_with_log(&server, &table, NULL, ONCILLA_WITHOUT_REPLAY, &io, &buffers, 7), ONCILLA_OK);
    /* Its hello is sent first, and comes back. */
    CHECK_STATUS(oncilla_server_serve_next(&server, 10), ONCILLA_TIME_UP);
    self.line.length = 0;
    CHECK_STATUS(oncilla_print(&io, (const uint8_t *)TEXT, sizeof TEXT - 1, ONCILLA_NEVER), ONCILLA_OK);
    CHECK(self.line.length == sizeof TEXT - 1 + 3 && memcmp(self.line.bytes + 2, TEXT, sizeof TEXT - 1) == 0);
    CHECK_STATUS(oncilla_log(&io, (const uint8_t *)LOG, sizeof LOG - 1, memory, sizeof memory, ONCILLA_NEVER), ONCILLA_OK);
    loop_send(&self.line, (const uint8_t *)"noise\0", 6, 0);
    CHECK_STATUS(oncilla_server_serve_next(&server, 20), ONCILLA_TIME_UP);
    CHECK(self.text_length == sizeof TEXT - 1 && memcmp(self.text, TEXT, self.text_length) == 0);
    CHECK(self.log_length == sizeof LOG - 1 && memcmp(self.log, LOG, self.log_length) == 0);
    CHECK(self.dropped == 5);

    /* Without logs, the callback is not called. */
    CHECK_STATUS(oncilla_server_over_serial(&server, &table, NULL, ONCILLA_WITHOUT_REPLAY, &io, &buffers, 0), ONCILLA_OK);
    self.text_length = self.dropped = 0;
    CHECK_STATUS(oncilla_print(&io, (const uint8_t *)TEXT, sizeof TEXT - 1, ONCILLA_NEVER), ONCILLA_OK);
    CHECK_STATUS(oncilla_server_serve_next(&server, 30), ONCILLA_TIME_UP);
    CHECK(self.text_length == 0 && self.dropped == 0);

    CHECK_STATUS(oncilla_print(&io, (const uint8_t *)"\377", 1, 0), ONCILLA_INVALID);
    CHECK_STATUS(oncilla_print(&io, NULL, 1, 0), ONCILLA_NULL);
    CHECK_STATUS(oncilla_print(&none, (const uint8_t *)"a", 1, 0), ONCILLA_NULL);
    CHECK_STATUS(oncilla_print(NULL, (const uint8_t *)"a", 1, 0), ONCILLA_NULL);
    CHECK_STATUS(oncilla_log(&io, memory, 4, memory, sizeof memory, 0), ONCILLA_OVERLAP);
    CHECK_STATUS(oncilla_log(&io, (const uint8_t *)LOG, 3, memory, 4, 0), ONCILLA_TOO_SMALL);
    CHECK_STATUS(oncilla_log(&io, (const uint8_t *)LOG, 3, NULL, 64, 0), ONCILLA_NULL);
}
