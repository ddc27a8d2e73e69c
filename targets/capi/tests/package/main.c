/* Uses the library as it is installed: encodes, decodes, and listens on a port. */
#include <stdio.h>

#include <oncilla.h>
#include <oncilla_fd.h>
#include <oncilla_posix.h>

int main(void)
{
    uint8_t memory[16];
    oncilla_writer writer = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader reader;
    int32_t value = 0, listener = -1;
    uint16_t port = 0;
    oncilla_put_i32(&writer, -7);
    reader = oncilla_reader_of(memory, writer.length);
    oncilla_get_i32(&reader, &value);
    if (oncilla_get_end(&reader) != ONCILLA_OK ||
        oncilla_posix_tcp_listen(&listener, INADDR_LOOPBACK, &port) != ONCILLA_OK)
        return 1;
    printf("%d, a port %s\n", (int)value, port > 0 ? "is free" : "is not free");
    return 0;
}
