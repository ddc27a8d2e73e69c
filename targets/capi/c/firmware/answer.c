/* The server as a function, without a carrier, to measure oncilla_answer. */
#include "board.h"
#include "three.h"

static oncilla_table table;
static uint64_t table_memory[THREE_TABLE_WORDS];
static uint8_t call[THREE_CALL_MAX], reply[THREE_REPLY_MAX];

int main(void)
{
    volatile size_t call_length = sizeof call;
    size_t reply_length;
    if (oncilla_table_init(&table, &three, 1, NULL, table_memory, sizeof table_memory) != ONCILLA_OK)
        return 1;
    for (;;)
        if (oncilla_answer(&table, NULL, NULL, NULL, call, call_length, reply, sizeof reply, &reply_length) != ONCILLA_OK)
            return 1;
}
