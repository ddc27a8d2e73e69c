/*
 * libtirpc's server of recursive.x: it reads values and writes them again, and computes with what it has read. It prints
 * the port that it serves on, TCP, and registers with no port mapper.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "recursive.h"

/* Seconds after which it ends, whatever becomes of the test that has started it. */
#define LIFETIME 300
#define BUFFER 60000

void recursive_1(struct svc_req *, SVCXPRT *);

/* What the result points to is freed when the reply has been sent. */
#define ECHO(name, type) \
    bool_t name##_1_svc(type argument, type *result, struct svc_req *request) \
    { \
        (void)request; \
        *result = argument; \
        return TRUE; \
    }

ECHO(echo_node, node)
ECHO(echo_expression, expression)
ECHO(echo_item, item)
ECHO(echo_folder, folder)
ECHO(echo_place, place_ptr)
ECHO(echo_holder, holder)

static int evaluate(const expression *of)
{
    int result = of->k == PRODUCT;
    switch (of->k) {
    case NUMBER:
        return of->expression_u.value;
    case NEGATED:
        return of->expression_u.operand ? -evaluate(of->expression_u.operand) : 0;
    default:
        for (u_int i = 0; i < of->expression_u.terms.operands_len; i++) {
            int term = evaluate(&of->expression_u.terms.operands_val[i]);
            result = of->k == SUM ? result + term : result * term;
        }
        return result;
    }
}

bool_t evaluate_1_svc(expression argument, int *result, struct svc_req *request)
{
    (void)request;
    *result = evaluate(&argument);
    return TRUE;
}

static int64_t keys(const node *of, int64_t before)
{
    return of ? keys(of->right, keys(of->left, before) * 10 + of->key) : before;
}

bool_t keys_1_svc(maybe_node argument, int64_t *result, struct svc_req *request)
{
    (void)request;
    *result = keys(argument, 0);
    return TRUE;
}

bool_t count_1_svc(u_int argument, item *result, struct svc_req *request)
{
    (void)request;
    *result = (item){0};
    for (item *last = result; last->value + 1 < argument; last = last->next) {
        last->next = calloc(1, sizeof *last->next);
        last->next->value = last->value + 1;
    }
    return TRUE;
}

int recursive_1_freeresult(SVCXPRT *transport, xdrproc_t decode, caddr_t result)
{
    (void)transport;
    (void)decode;
    (void)result;
    return TRUE;
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int socket_ = socket(AF_INET, SOCK_STREAM, 0);
    alarm(LIFETIME);
    if (socket_ < 0 || bind(socket_, (struct sockaddr *)&address, sizeof address) != 0 || listen(socket_, 16) != 0) {
        perror("no socket on 127.0.0.1");
        return 1;
    }
    SVCXPRT *stream = svctcp_create(socket_, BUFFER, BUFFER);
    /* The protocol 0 is: tell no port mapper. */
    if (!stream || !svc_register(stream, RECURSIVE, RECURSIVE_1, recursive_1, 0)) {
        fprintf(stderr, "libtirpc cannot serve\n");
        return 1;
    }
    getsockname(socket_, (struct sockaddr *)&address, &size);
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    svc_run();
    return 1;
}
