/* How FreeRTOS is configured: pre-emptive, all memory static, every fault of its use caught. */
#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#include <stdint.h>

/* Pre-emption: the highest task that is ready runs, tasks of one priority take turns by the tick. */
#define configUSE_PREEMPTION                  1
#define configUSE_TIME_SLICING                1
#define configCPU_CLOCK_HZ                    12500000UL
#define configTICK_RATE_HZ                    1000
#define configTICK_TYPE_WIDTH_IN_BITS         TICK_TYPE_WIDTH_32_BITS
#define configMAX_PRIORITIES                  5
/* src/board.rs knows it, too. */
#define configMAX_TASK_NAME_LEN               12

/* Memory: lent by the application, the idle task's by the kernel. No heap is compiled. */
#define configSUPPORT_STATIC_ALLOCATION       1
#define configSUPPORT_DYNAMIC_ALLOCATION      0
#define configKERNEL_PROVIDED_STATIC_MEMORY   1
/* Words. The idle task's: interrupts have a stack of their own. */
#define configMINIMAL_STACK_SIZE              64

/* What is used of the kernel. Mutexes raise their holder to the priority of who waits. */
#define configUSE_MUTEXES                     1
#define configUSE_TASK_NOTIFICATIONS          1
#define configUSE_TIMERS                      0
#define INCLUDE_vTaskSuspend                  1 /* a wait of portMAX_DELAY never ends */
#define INCLUDE_vTaskDelay                    1
#define INCLUDE_xTaskGetSchedulerState        1
#define INCLUDE_uxTaskGetStackHighWaterMark   1

/* While no task is ready the processor sleeps: kernel.c. */
#define configUSE_IDLE_HOOK                   1
#define configUSE_TICK_HOOK                   0

/* Of eight bits the Stellaris has the upper three. Interrupts numerically below 0x40 are never masked by the kernel and
 * must not call it; those that call it have 0x40 or more. */
#define configKERNEL_INTERRUPT_PRIORITY       0xE0
#define configMAX_SYSCALL_INTERRUPT_PRIORITY  0x40

/* A wrong use of the kernel, and a stack that has overflown, end in the application's own function. */
#define configCHECK_FOR_STACK_OVERFLOW        2
extern void kernel_assertion_failed(uint32_t line);
#define configASSERT(holds)                   do { if (!(holds)) kernel_assertion_failed(__LINE__); } while (0)

/* The names by which `cortex-m-rt` puts the handlers into the vector table. */
#define vPortSVCHandler                       SVCall
#define xPortPendSVHandler                    PendSV
#define xPortSysTickHandler                   SysTick

#endif
