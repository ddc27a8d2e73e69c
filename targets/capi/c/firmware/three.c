#include "three.h"

static oncilla_status add(void *context, const oncilla_request *request, oncilla_reader *arguments,
                          oncilla_writer *results)
{
    int32_t a, b;
    (void)context;
    (void)request;
    oncilla_get_i32(arguments, &a);
    oncilla_get_i32(arguments, &b);
    if (oncilla_get_end(arguments) != ONCILLA_OK)
        return ONCILLA_GARBAGE_ARGS;
    return oncilla_put_i32(results, (int32_t)((uint32_t)a + (uint32_t)b));
}

static oncilla_status echo(void *context, const oncilla_request *request, oncilla_reader *arguments,
                           oncilla_writer *results)
{
    const uint8_t *bytes;
    size_t length;
    (void)context;
    (void)request;
    oncilla_get_opaque(arguments, &bytes, &length, ECHO_MAX);
    if (oncilla_get_end(arguments) != ONCILLA_OK)
        return ONCILLA_GARBAGE_ARGS;
    return oncilla_put_opaque(results, bytes, length);
}

static const oncilla_procedure procedures[] = {
    {THREE_ADD, ONCILLA_IDEMPOTENT, 4, add},
    {THREE_ECHO, ONCILLA_IDEMPOTENT, THREE_RESULTS_MAX, echo},
};
const oncilla_program three_programs[1] = {{THREE_PROGRAM, THREE_VERSION, procedures, 2}};
const oncilla_table three = {three_programs, 1, NULL};
