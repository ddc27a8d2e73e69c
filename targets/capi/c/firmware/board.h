/*
 * What firmware in C needs of a board, here lm3s6965evb (Cortex-M3) as QEMU has it: start-up, a clock, and UART1 as a carrier.
 * Another board is another board.c and another memory.x.
 */
#ifndef BOARD_H
#define BOARD_H

#include <oncilla.h>

/* UART1, the clock and how to sleep, as callbacks. Starts them. */
oncilla_io board_line(void);

/* Microseconds since start, by ticks of a millisecond. */
uint64_t board_now(void *context);

/* Another number after every reset, never 0, as long as there is power. */
uint32_t board_boot_number(void);

/* Sleeps until the next interrupt. */
void board_sleep(void);

/* Of the firmware. */
int main(void);

#endif
