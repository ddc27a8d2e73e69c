/* The interface of the kernel for `src/kernel.rs`: functions instead of macros, with types that are independent of the
 * configuration.
 *
 * Functions named `..._from_interrupt` are for interrupt handlers, the others for tasks. Assertions check this, so that
 * Rust can declare the functions safe.
 */
#include <stddef.h>

#include "FreeRTOS.h"
#include "queue.h"
#include "semphr.h"
#include "stream_buffer.h"
#include "task.h"

/* Checks of src/sizes.rs. */
_Static_assert(sizeof(StaticTask_t) == 4 * TASK_WORDS, "TASK_WORDS");
_Static_assert(sizeof(StaticStreamBuffer_t) == 4 * STREAM_BUFFER_WORDS, "STREAM_BUFFER_WORDS");
_Static_assert(sizeof(StaticQueue_t) == 4 * QUEUE_WORDS, "QUEUE_WORDS");
_Static_assert(configTICK_RATE_HZ * TICK_MICROS == 1000000, "TICK_MICROS");
_Static_assert(sizeof(TickType_t) == 4 && portMAX_DELAY == 0xffffffff, "a wait of all ones never ends");
_Static_assert(sizeof(StackType_t) == 4, "a stack is of words");

/* Before the scheduler runs, nothing can wait: an operation is tried once. */
static TickType_t patience(uint32_t ticks) {
    configASSERT(!xPortIsInsideInterrupt());
    return xTaskGetSchedulerState() == taskSCHEDULER_RUNNING ? ticks : 0;
}

/* Tasks. */

void *kernel_task(void (*run)(void *), const char *name, void *argument, uint32_t priority, uint32_t *stack,
                  uint32_t words, void *control) {
    return xTaskCreateStatic(run, name, words, argument, priority, stack, control);
}

void kernel_start(void) {
    vTaskStartScheduler();
}

void kernel_delay(uint32_t ticks) {
    ticks = patience(ticks);
    if (ticks > 0) vTaskDelay(ticks);
}

/* Returns the ticks since start in 64 bits: the kernel's counter and the number of its overflows. */
uint64_t kernel_ticks(void) {
    TimeOut_t now;
    vTaskSetTimeOutState(&now);
    return (uint64_t)(uint32_t)now.xOverflowCount << 32 | now.xTimeOnEntering;
}

uint32_t kernel_stack_left(void *task) {
    return uxTaskGetStackHighWaterMark(task);
}

void kernel_enter_critical(void) {
    taskENTER_CRITICAL();
}

void kernel_exit_critical(void) {
    taskEXIT_CRITICAL();
}

/* Stream buffers, for one writer and one reader. */

void *kernel_stream_buffer(uint8_t *bytes, uint32_t size, void *control) {
    return xStreamBufferCreateStatic(size, 1, bytes, control);
}

uint32_t kernel_stream_available(void *stream) {
    return xStreamBufferBytesAvailable(stream);
}

uint32_t kernel_stream_space(void *stream) {
    return xStreamBufferSpacesAvailable(stream);
}

uint32_t kernel_stream_send(void *stream, const uint8_t *bytes, uint32_t size, uint32_t ticks) {
    return xStreamBufferSend(stream, bytes, size, patience(ticks));
}

uint32_t kernel_stream_receive(void *stream, uint8_t *bytes, uint32_t size, uint32_t ticks) {
    return xStreamBufferReceive(stream, bytes, size, patience(ticks));
}

/* Handlers of several priorities run this one at a time. A woken task runs when the last handler has returned. */
uint32_t kernel_stream_send_from_interrupt(void *stream, const uint8_t *bytes, uint32_t size) {
    BaseType_t woken = pdFALSE;
    configASSERT(xPortIsInsideInterrupt());
    portASSERT_IF_INTERRUPT_PRIORITY_INVALID();
    UBaseType_t mask = taskENTER_CRITICAL_FROM_ISR();
    size = xStreamBufferSendFromISR(stream, bytes, size, &woken);
    taskEXIT_CRITICAL_FROM_ISR(mask);
    portYIELD_FROM_ISR(woken);
    return size;
}

uint32_t kernel_stream_receive_from_interrupt(void *stream, uint8_t *bytes, uint32_t size) {
    BaseType_t woken = pdFALSE;
    configASSERT(xPortIsInsideInterrupt());
    portASSERT_IF_INTERRUPT_PRIORITY_INVALID();
    UBaseType_t mask = taskENTER_CRITICAL_FROM_ISR();
    size = xStreamBufferReceiveFromISR(stream, bytes, size, &woken);
    taskEXIT_CRITICAL_FROM_ISR(mask);
    portYIELD_FROM_ISR(woken);
    return size;
}

/* Queues, for any number of sending and receiving tasks. */

void *kernel_queue(uint32_t length, uint32_t size, uint8_t *items, void *control) {
    return xQueueCreateStatic(length, size, items, control);
}

uint32_t kernel_queue_send(void *queue, const void *item, uint32_t ticks) {
    return xQueueSendToBack(queue, item, patience(ticks)) == pdPASS;
}

uint32_t kernel_queue_receive(void *queue, void *item, uint32_t ticks) {
    return xQueueReceive(queue, item, patience(ticks)) == pdPASS;
}

/* Mutexes. */

void *kernel_mutex(void *control) {
    return xSemaphoreCreateMutexStatic(control);
}

uint32_t kernel_mutex_take(void *mutex, uint32_t ticks) {
    return xSemaphoreTake(mutex, patience(ticks)) == pdPASS;
}

void kernel_mutex_give(void *mutex) {
    BaseType_t given = xSemaphoreGive(mutex);
    configASSERT(given == pdPASS);
    (void)given;
}

/* Functions that the kernel calls. */

void vApplicationIdleHook(void) {
    __asm volatile("wfi");
}

extern void stack_overflowed(const char *name);

void vApplicationStackOverflowHook(TaskHandle_t task, char *name) {
    (void)task;
    stack_overflowed(name);
}
