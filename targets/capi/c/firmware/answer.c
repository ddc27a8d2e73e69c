/* The server as a function, without a carrier, to measure oncilla_answer. */
#include "board.h"
#include "three.h"

static uint8_t call[THREE_CALL_MAX], reply[THREE_REPLY_MAX];

int main(void)
{
    volatile size_t call_length = sizeof call;
    size_t reply_length;
    for (;;)
        if (oncilla_answer(&three, NULL, NULL, NULL, call, call_length, reply, sizeof reply, &reply_length) != ONCILLA_OK)
            return 1;
}
