/* Serves the adder on TCP and UDP, a thread each, and prints the ports. It ends when its standard input does. */
#include <stdio.h>
#include <string.h>

#include "adder.h"
#include "oncilla_posix.h"

/* The procedure runs in two threads at once: it works on its arguments alone. What threads share needs a lock. */
static oncilla_status add(void *context, const oncilla_request *request, oncilla_reader *arguments,
                          oncilla_writer *results)
{
    int32_t a, b;
    oncilla_status status;
    (void)context;
    (void)request;
    oncilla_get_i32(arguments, &a);
    oncilla_get_i32(arguments, &b);
    status = oncilla_get_end(arguments);
    if (status != ONCILLA_OK)
        return status;
    return oncilla_put_i32(results, (int32_t)((uint32_t)a + (uint32_t)b));
}

static const oncilla_procedure procedures[] = {{ADDER_ADD, ONCILLA_IDEMPOTENT, ADDER_ADD_RESULTS_MAX, add}};
static const oncilla_program programs[] = {{ADDER_PROGRAM, ADDER_VERSION, procedures, 1}};

static oncilla_table table;
static uint64_t table_memory[ONCILLA_TABLE_WORDS(1, 1)];
static oncilla_posix_server servers[2];
static uint8_t rx[2][ONCILLA_RECORD_BUFFER(ADDER_CALL_MAX + ONCILLA_CREDENTIALS_MAX)];
static uint8_t tx[2][ONCILLA_RECORD_BUFFER(ADDER_REPLY_MAX)];

int main(void)
{
    uint16_t tcp = 0, udp = 0;
    pthread_t threads[2];
    int i;
    oncilla_status status =
        oncilla_table_init(&table, programs, 1, NULL, table_memory, sizeof table_memory);

    servers[1].listener = -1;
    if (status == ONCILLA_OK)
        status = oncilla_posix_tcp_listen(&servers[0].listener, INADDR_LOOPBACK, &tcp);
    if (status == ONCILLA_OK)
        status = oncilla_posix_udp_bind(&servers[1].link, INADDR_LOOPBACK, &udp);
    for (i = 0; i < 2 && status == ONCILLA_OK; i++) {
        const oncilla_buffers buffers = {rx[i], sizeof rx[i], tx[i], sizeof tx[i]};
        servers[i].table = &table;
        servers[i].buffers = buffers;
        status = oncilla_posix_serve_in_thread(&servers[i], &threads[i]);
    }
    if (status != ONCILLA_OK) {
        fprintf(stderr, "server: %s\n", oncilla_strerror(status));
        return 1;
    }
    printf("%u %u\n", (unsigned)tcp, (unsigned)udp);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    return 0;
}
