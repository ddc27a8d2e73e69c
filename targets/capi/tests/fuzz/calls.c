/* A fuzz target: calls the functions of oncilla.h in any order, with any arguments that the header allows to be checked. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static world_side *side(void)
{
    return &sides[choice() % OBJECTS];
}

static oncilla_replay *replay(oncilla_replay *own)
{
    const uint8_t byte = choice();
    return byte < 64 ? NULL : byte < 128 ? ONCILLA_WITHOUT_REPLAY : (oncilla_replay *)pointer(own);
}

static void readers_and_writers(void)
{
    oncilla_reader *reader = pointer(&readers[choice() % OBJECTS]);
    oncilla_writer *writer = pointer(&writers[choice() % OBJECTS]);
    size_t left, length;
    uint8_t *bytes = place(&left);
    const uint8_t *found = NULL;
    uint64_t value = word();
    uint32_t text[8];
    length = length_to(left);
    memcpy(text, "text", 5);
    switch (choice() % 22) {
    case 0: readers[choice() % OBJECTS] = oncilla_reader_of(choice() < 16 ? NULL : bytes, length); break;
    case 1: writers[choice() % OBJECTS] = oncilla_writer_on(choice() < 16 ? NULL : bytes, length); break;
    case 2: (void)oncilla_get_i32(reader, pointer(&value)); break;
    case 3: (void)oncilla_get_u32(reader, (uint32_t *)(void *)bytes); break;
    case 4: (void)oncilla_get_u64(reader, &value); break;
    case 5: (void)oncilla_get_f64(reader, pointer(text)); break;
    case 6: (void)oncilla_get_bool(reader, (uint32_t *)(void *)&value); break;
    case 7: (void)oncilla_get_count(reader, text, word()); break;
    case 8:
        if (oncilla_get_opaque(reader, pointer(&found), &length, length_to(ARENA)) == ONCILLA_OK && length > 0)
            value = found[length - 1];
        break;
    case 9: (void)oncilla_get_string(reader, (char *)bytes, length); break;
    case 10: (void)oncilla_get_fixed(reader, bytes, length); break;
    case 11: (void)oncilla_get_end(reader); break;
    case 12: (void)oncilla_put_i32(writer, (int32_t)value); break;
    case 13: (void)oncilla_put_u64(writer, value << 32 | value); break;
    case 14: (void)oncilla_put_f32(writer, (float)value); break;
    case 15: (void)oncilla_put_bool(writer, (uint32_t)value); break;
    case 16: (void)oncilla_put_opaque(writer, choice() < 16 ? NULL : bytes, length); break;
    case 17: (void)oncilla_put_fixed(writer, bytes, length); break;
    case 18: (void)oncilla_put_string(writer, (const char *)text, length_to(ARENA)); break;
    case 19: (void)oncilla_get_i64(reader, pointer(&value)); break;
    case 20: (void)oncilla_put_f64(writer, (double)value); break;
    default: (void)oncilla_get_f32(reader, (float *)pointer(text)); break;
    }
}

static void begins(void)
{
    world_side *self = side();
    const oncilla_io io = world_io();
    const oncilla_table *table = world_table();
    const uint32_t xid = word(), boot = word();
    const unsigned kind = choice() % 5;
    const oncilla_buffers buffers = world_buffers(self->rx[kind], self->tx[kind]);
    const oncilla_io *carrier = pointer((void *)(uintptr_t)&io);
    const oncilla_buffers *lent = pointer((void *)(uintptr_t)&buffers);
    oncilla_level levels[2];
    const uint8_t which = choice() % 8;
    for (unsigned i = 0; i < 2; i++) {
        const oncilla_level level = {self->levels[i][0], BUFFER, self->levels[i][1], BUFFER, i == 0 ? NULL : self->levels[i][2],
                                     i == 0 ? 0 : BUFFER};
        levels[i] = level;
    }
    if (kind == 0) {
        oncilla_server *server = pointer(&self->server);
        oncilla_replay *cache = replay(&self->replays[0]);
        switch (which) {
        case 0: (void)oncilla_server_over_record(server, table, self, cache, carrier, lent); break;
        case 1: (void)oncilla_server_over_datagram(server, table, self, cache, carrier, lent); break;
        case 2: (void)oncilla_server_over_serial(server, table, self, cache, carrier, lent, boot); break;
        case 3: (void)oncilla_server_over_serial_with_log(server, table, self, cache, carrier, lent, boot); break;
        case 4: (void)oncilla_server_over_record_with_keys(server, table, self, cache, carrier, lent, pointer(&self->acceptor)); break;
        case 5: (void)oncilla_server_over_datagram_with_keys(server, table, self, cache, carrier, lent, &self->acceptor); break;
        default: (void)oncilla_server_over_serial_with_keys(server, table, self, cache, carrier, lent, &self->acceptor); break;
        }
    } else if (kind == 1) {
        oncilla_client *client = pointer(&self->client);
        switch (which) {
        case 0: (void)oncilla_client_over_record(client, carrier, lent, xid); break;
        case 1: (void)oncilla_client_over_datagram(client, carrier, lent, xid); break;
        case 2: (void)oncilla_client_over_serial(client, carrier, lent, xid, boot); break;
        case 3: (void)oncilla_client_over_serial_with_log(client, carrier, lent, xid, boot); break;
        case 4: (void)oncilla_client_over_record_with_keys(client, carrier, lent, xid, pointer(&self->opener)); break;
        case 5: (void)oncilla_client_over_datagram_with_keys(client, carrier, lent, xid, &self->opener); break;
        default: (void)oncilla_client_over_serial_with_keys(client, carrier, lent, xid, &self->opener); break;
        }
    } else if (kind == 2) {
        oncilla_endpoint *endpoint = pointer(&self->endpoint);
        oncilla_replay *cache = replay(&self->replays[1]);
        switch (which) {
        case 0:
        case 1: (void)oncilla_endpoint_over_record(endpoint, table, self, cache, carrier, lent, xid); break;
        case 2: (void)oncilla_endpoint_over_serial(endpoint, table, self, cache, carrier, lent, xid, boot); break;
        case 3: (void)oncilla_endpoint_over_serial_with_log(endpoint, table, self, cache, carrier, lent, xid, boot); break;
        case 4:
        case 5:
            (void)oncilla_endpoint_over_record_with_keys(endpoint, table, self, cache, carrier, lent, xid, &self->opener, &self->acceptor);
            break;
        default:
            (void)oncilla_endpoint_over_serial_with_keys(endpoint, table, self, cache, carrier, lent, xid, &self->opener, &self->acceptor);
            break;
        }
    } else if (kind == 3) {
        oncilla_nested *nested = pointer(&self->nested);
        oncilla_replay *cache = replay(&self->replays[2]);
        const size_t count = choice() % 4;
        if (which < 4)
            (void)oncilla_nested_over_record(nested, table, self, cache, carrier, lent, levels, count < 3 ? count : SIZE_MAX, xid);
        else
            (void)oncilla_nested_over_serial(nested, table, self, cache, carrier, lent, pointer(levels), count < 3 ? count : 2, xid, boot);
    } else {
        oncilla_calls *calls = pointer(&self->calls);
        const oncilla_slots memory = {pointer(self->slots), length_to(BUFFER), length_to(BUFFER)};
        const oncilla_slots *slots = pointer((void *)(uintptr_t)&memory);
        switch (which) {
        case 0: (void)oncilla_calls_over_record(calls, carrier, lent, slots, xid); break;
        case 1: (void)oncilla_calls_over_datagram(calls, carrier, lent, slots, xid); break;
        case 2: (void)oncilla_calls_over_cobs(calls, carrier, lent, slots, xid); break;
        case 3: (void)oncilla_calls_over_serial(calls, carrier, lent, slots, xid, boot); break;
        case 4: (void)oncilla_calls_over_serial_with_log(calls, carrier, lent, slots, xid, boot); break;
        case 5: (void)oncilla_calls_over_record_with_keys(calls, carrier, lent, slots, xid, pointer(&self->opener)); break;
        case 6: (void)oncilla_calls_over_datagram_with_keys(calls, carrier, lent, slots, xid, &self->opener); break;
        default: (void)oncilla_calls_over_serial_with_keys(calls, carrier, lent, slots, xid, &self->opener); break;
        }
    }
}

static void caches_and_keys(void)
{
    world_side *self = side();
    const unsigned i = choice() % 4;
    oncilla_replay *cache = pointer(&self->replays[i]);
    const uint8_t start[ONCILLA_START] = {choice()};
    size_t slots;
    switch (choice() % 6) {
    case 0: (void)oncilla_replay_init(cache, length_to(128), pointer(self->replies[i]), length_to(BUFFER)); break;
    case 1: (void)oncilla_replay_init_shared(cache, start, length_to(128), self->replies[i], length_to(BUFFER)); break;
    case 2: (void)oncilla_replay_slots(cache, pointer(&slots)); break;
    case 3: (void)oncilla_replay_forget(cache); break;
    case 4: (void)oncilla_opener_init(pointer(&self->opener), choice() % 4, &world_keys[choice() % 2], start, word()); break;
    default:
        (void)oncilla_acceptor_init(pointer(&self->acceptor), choice() % 4, world_keys, choice() % 4 == 3 ? SIZE_MAX : choice() % 3,
                                    start, word());
        break;
    }
}

/* The client of anything that calls. */
static oncilla_client *client(world_side *self)
{
    switch (choice() % 3) {
    case 0: return &self->client;
    case 1: return &self->endpoint.client;
    default: return &self->nested.client;
    }
}

static void uses(void)
{
    world_side *self = side();
    oncilla_client *caller = pointer(client(self));
    const oncilla_writer *arguments = choice() < 64 ? NULL : pointer(&writers[choice() % OBJECTS]);
    oncilla_reader results;
    oncilla_details details;
    oncilla_tally tally;
    oncilla_address address = {{127, 0, 0, 1}, 4, choice()};
    const uint32_t procedure = choice() % 4;
    size_t left, length = 0;
    uint8_t *bytes = place(&left);
    static uint8_t reply[BUFFER], log_memory[BUFFER];
    const oncilla_io io = world_io();
    switch (choice() % 21) {
    case 0: (void)oncilla_server_serve_next(pointer(&self->server), deadline()); break;
    case 1: (void)oncilla_server_serve(&self->server); break;
    case 2: (void)oncilla_server_details(&self->server, pointer(&details)); break;
    case 3:
    case 4: (void)oncilla_client_call(caller, 0x20000055, 1, procedure, arguments, choice() < 32 ? NULL : &results); break;
    case 5: (void)oncilla_client_cast(caller, 0x20000055, 1, procedure, arguments); break;
    case 6: (void)oncilla_client_set_timeout(caller, word()); break;
    case 7: (void)oncilla_client_set_retry(caller, word(), choice() % 2); break;
    case 8: (void)oncilla_client_set_credential(caller, choice() % 3, NULL, length_to(0)); break;
    case 9: (void)oncilla_client_details(caller, &details); break;
    case 10: (void)oncilla_endpoint_serve_next(pointer(&self->endpoint), deadline()); break;
    case 11: (void)oncilla_endpoint_serve(&self->endpoint); break;
    case 12: (void)oncilla_nested_serve_next(pointer(&self->nested), deadline()); break;
    case 13: (void)oncilla_calls_start(pointer(&self->calls), 0x20000055, 1, procedure, arguments, &self->ticket); break;
    case 14: (void)oncilla_calls_poll(&self->calls, deadline(), choice() < 64 ? NULL : &tally); break;
    case 15: (void)oncilla_calls_finish(&self->calls, pointer(&self->ticket), choice() < 64 ? NULL : &results); break;
    case 16: (void)oncilla_calls_cancel(&self->calls, &self->ticket); break;
    case 17: (void)oncilla_calls_details(&self->calls, &details); break;
    case 18:
        (void)oncilla_answer(world_table(), NULL, replay(&self->replays[3]), choice() < 128 ? NULL : &address, bytes,
                             length_to(left), reply, length_to(sizeof reply), pointer(&length));
        break;
    case 19: (void)oncilla_log(&io, bytes, length_to(left), log_memory, length_to(sizeof log_memory), deadline()); break;
    default: (void)oncilla_print(&io, bytes, length_to(left), deadline()); break;
    }
}

void one_call(void)
{
    const uint8_t kind = choice();
    if (kind < 90)
        readers_and_writers();
    else if (kind < 140)
        begins();
    else if (kind < 165)
        caches_and_keys();
    else
        uses();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    world_begin(data, size);
    while (!world_is_over())
        one_call();
    for (int32_t status = -1; status < 130; status++)
        if (oncilla_strerror(status)[0] == '\0' || oncilla_status_name(status)[0] == '\0')
            __builtin_trap();
    return 0;
}
