/*
 * libtirpc's server of ledger.x: server ADDRESS PORT LOG
 *
 * Writes the number of each call to the log, so that it is known after the server was killed.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ledger.h"

/* Seconds after which it ends, whatever becomes of the test that has started it. */
#define LIFETIME 300

/* Microseconds between the execution of a call and its reply. */
#define PAUSE 1000

void ledger_1(struct svc_req *, SVCXPRT *);

static int entries;

bool_t enter_1_svc(unsigned number, unsigned *result, struct svc_req *request)
{
    char line[16];
    (void)request;
    size_t length = (size_t)snprintf(line, sizeof line, "%u\n", number);
    if (write(entries, line, length) != (ssize_t)length)
        abort();
    usleep(PAUSE);
    *result = 1;
    return TRUE;
}

bool_t read_1_svc(unsigned number, unsigned *result, struct svc_req *request)
{
    return enter_1_svc(number, result, request);
}

int ledger_1_freeresult(SVCXPRT *transport, xdrproc_t decode, caddr_t result)
{
    (void)transport;
    (void)decode;
    (void)result;
    return TRUE;
}

int main(int count, char **arguments)
{
    if (count != 4)
        return 2;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[2]))};
    int yes = 1, tcp = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, arguments[1], &address.sin_addr);
    setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    entries = open(arguments[3], O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (entries < 0 || bind(tcp, (struct sockaddr *)&address, sizeof address) != 0 || listen(tcp, 16) != 0) {
        perror("no socket or no log");
        return 1;
    }
    alarm(LIFETIME);
    SVCXPRT *stream = svctcp_create(tcp, 0, 0);
    /* The protocol 0 is: tell no port mapper. */
    if (!stream || !svc_register(stream, LEDGER, LEDGER_1, ledger_1, 0)) {
        fprintf(stderr, "libtirpc cannot serve\n");
        return 1;
    }
    svc_run();
    return 1;
}
