/* The adder's dispatch function, as servers on Sun RPC have it. */
#include <rpc/rpc.h>

#define ADDER_ADD 1

struct pair {
    int a;
    int b;
};

static bool_t xdr_pair(XDR *xdr, struct pair *pair)
{
    return xdr_int(xdr, &pair->a) && xdr_int(xdr, &pair->b);
}

void adder(struct svc_req *request, SVCXPRT *transport)
{
    struct pair arguments;
    int sum;
    switch (request->rq_proc) {
    case NULLPROC:
        svc_sendreply(transport, (xdrproc_t)xdr_void, NULL);
        return;
    case ADDER_ADD:
        if (!svc_getargs(transport, (xdrproc_t)xdr_pair, (caddr_t)&arguments)) {
            svcerr_decode(transport);
            return;
        }
        sum = arguments.a + arguments.b;
        svc_sendreply(transport, (xdrproc_t)xdr_int, (caddr_t)&sum);
        return;
    default:
        svcerr_noproc(transport);
    }
}
