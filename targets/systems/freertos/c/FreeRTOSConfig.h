/* The configuration of FreeRTOS: pre-emption, static memory only, and checks of every wrong use. */
#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#include <stdint.h>

/* Pre-emption: the ready task with the highest priority runs; tasks of equal priority take turns with each tick. */
#define configUSE_PREEMPTION                  1
#define configUSE_TIME_SLICING                1
#define configCPU_CLOCK_HZ                    12500000UL
#define configTICK_RATE_HZ                    1000
#define configTICK_TYPE_WIDTH_IN_BITS         TICK_TYPE_WIDTH_32_BITS
#define configMAX_PRIORITIES                  5
/* Also in src/board.rs. */
#define configMAX_TASK_NAME_LEN               12

/* Memory: lent by the application, and for the idle task by the kernel. No heap is compiled. */
#define configSUPPORT_STATIC_ALLOCATION       1
#define configSUPPORT_DYNAMIC_ALLOCATION      0
#define configKERNEL_PROVIDED_STATIC_MEMORY   1
/* The stack of the idle task in words. Interrupts use another stack. */
#define configMINIMAL_STACK_SIZE              64

/* Functions of the kernel that are used. Mutexes raise the priority of their holder to that of a waiting task. */
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

/* The Stellaris implements the upper three of eight priority bits. The kernel never masks interrupts with a priority
 * number below 0x40, which must not call it. Interrupts that call it need 0x40 or more. */
#define configKERNEL_INTERRUPT_PRIORITY       0xE0
#define configMAX_SYSCALL_INTERRUPT_PRIORITY  0x40

/* Wrong use of the kernel and stack overflows end in functions of the application. */
#define configCHECK_FOR_STACK_OVERFLOW        2
extern void kernel_assertion_failed(uint32_t line);
#define configASSERT(holds)                   do { if (!(holds)) kernel_assertion_failed(__LINE__); } while (0)

/* The names of the handlers in the vector table of `cortex-m-rt`. */
#define vPortSVCHandler                       SVCall
#define xPortPendSVHandler                    PendSV
#define xPortSysTickHandler                   SysTick

#endif
