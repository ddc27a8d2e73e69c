/*
 * A board for firmware in C, here lm3s6965evb (Cortex-M3) in QEMU: start-up, a clock, and UART1 as a carrier.
 * Another board needs another board.c and another memory.x.
 */
#ifndef BOARD_H
#define BOARD_H

#include <oncilla.h>

/* Starts UART1 and the clock, and returns their callbacks. */
oncilla_io board_line(void);

/* Returns the microseconds since start, in steps of a millisecond. */
uint64_t board_now(void *context);

/* Returns a number that changes with every reset as long as there is power. It is never 0. */
uint32_t board_boot_number(void);

/* Sleeps until the next interrupt. */
void board_sleep(void);

/* As in C's <string.h>, which needs a C library. */
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);

/* Defined by the firmware. */
int main(void);

#endif
