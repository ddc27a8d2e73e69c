/* Start-up code and nothing else: what the others' flash and RAM are measured over. */
#include "board.h"

int main(void)
{
    for (;;)
        board_sleep();
}
