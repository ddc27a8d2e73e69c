/* Start-up code only. The flash and RAM of the other programs are measured in addition to this. */
#include "board.h"

int main(void)
{
    for (;;)
        board_sleep();
}
