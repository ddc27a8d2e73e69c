/* Errors that servers and clients report. */
#include "checks.h"

static int32_t somebody(void *context, oncilla_address *peer)
{
    (void)context, (void)peer;
    return 0;
}

/* Where messages can be lost, a replay cache or ONCILLA_WITHOUT_REPLAY is needed; with many peers, a cache for many. */
static void check_memories(const oncilla_table *table, const oncilla_io *io, const oncilla_buffers *buffers)
{
    static const uint8_t key[ONCILLA_REPLAY_KEY] = {1};
    static uint8_t line_memory[ONCILLA_REPLAY_BYTES(1, 40)], shared_memory[ONCILLA_SHARED_REPLAY_BYTES(1, 40)];
    static oncilla_server server;
    static oncilla_endpoint endpoint;
    oncilla_replay line_replay = {{0}}, shared = {{0}};
    oncilla_io many = *io;

    many.peer = somebody;
    CHECK_STATUS(oncilla_replay_init(&line_replay, 40, line_memory, sizeof line_memory), ONCILLA_OK);
    CHECK_STATUS(oncilla_replay_init_shared(&shared, NULL, 40, shared_memory, sizeof shared_memory), ONCILLA_NULL);
    CHECK_STATUS(oncilla_replay_init_shared(&shared, key, 40, shared_memory, 87), ONCILLA_TOO_SMALL);
    CHECK_STATUS(oncilla_replay_init_shared(&shared, key, 40, (uint8_t *)&shared, 88), ONCILLA_OVERLAP);
    CHECK_STATUS(oncilla_replay_init_shared(&shared, key, 40, shared_memory, sizeof shared_memory), ONCILLA_OK);

    CHECK_STATUS(oncilla_server_over_datagram(&server, table, NULL, NULL, io, buffers), ONCILLA_NULL);
    CHECK_STATUS(oncilla_server_over_serial(&server, table, NULL, NULL, io, buffers, 0), ONCILLA_NULL);
    CHECK_STATUS(oncilla_endpoint_over_serial(&endpoint, table, NULL, NULL, io, buffers, 1, 0), ONCILLA_NULL);
    CHECK_STATUS(oncilla_server_over_record(&server, table, NULL, NULL, io, buffers), ONCILLA_OK);
    CHECK_STATUS(oncilla_server_over_record(&server, table, NULL, ONCILLA_WITHOUT_REPLAY, io, buffers), ONCILLA_OK);

    CHECK_STATUS(oncilla_server_over_datagram(&server, table, NULL, &line_replay, &many, buffers), ONCILLA_INVALID);
    CHECK_STATUS(oncilla_server_over_record(&server, table, NULL, &line_replay, &many, buffers), ONCILLA_INVALID);
    CHECK_STATUS(oncilla_server_over_datagram(&server, table, NULL, &shared, &many, buffers), ONCILLA_OK);
    CHECK_STATUS(oncilla_server_over_datagram(&server, table, NULL, &line_replay, io, buffers), ONCILLA_OK);
}

void check_links(void)
{
    static loop line;
    static uint8_t rx[128], tx[128];
    static oncilla_server server;
    static oncilla_client client;
    static oncilla_endpoint endpoint;
    static const char two[] = HEADER("abcd", "\1", "\1") "\0\0\0\25";
    oncilla_io io = loop_io(&line), bad = io;
    oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx}, wrong = {rx, sizeof rx, rx + 127, 1};
    static const oncilla_table table = {programs, 2, NULL};
    oncilla_details details;
    counts self = {0, &server, {0}};
    oncilla_writer arguments;
    uint8_t credential[ONCILLA_AUTH_BODY_MAX];
    size_t credential_length;
    oncilla_auth_sys user = {1, 2, 3, 17, {0}};

    CHECK_STATUS(oncilla_server_serve_next(&server, 0), ONCILLA_UNINITIALIZED);
    CHECK_STATUS(oncilla_server_over_datagram(&server, &table, &self, ONCILLA_WITHOUT_REPLAY, &io, &wrong), ONCILLA_OVERLAP);
    wrong.tx = (uint8_t *)&server + sizeof server - 1, wrong.tx_size = 64;
    CHECK_STATUS(oncilla_server_over_datagram(&server, &table, &self, ONCILLA_WITHOUT_REPLAY, &io, &wrong), ONCILLA_OVERLAP);
    wrong.rx = (uint8_t *)&client, wrong.tx = tx;
    CHECK_STATUS(oncilla_client_over_datagram(&client, &io, &wrong, 1), ONCILLA_OVERLAP);
    wrong.rx = rx, wrong.tx_size = 31;
    CHECK_STATUS(oncilla_server_over_datagram(&server, &table, &self, ONCILLA_WITHOUT_REPLAY, &io, &wrong), ONCILLA_TOO_SMALL);
    wrong.tx = NULL;
    CHECK_STATUS(oncilla_server_over_datagram(&server, &table, &self, ONCILLA_WITHOUT_REPLAY, &io, &wrong), ONCILLA_NULL);
    bad.receive = NULL;
    CHECK_STATUS(oncilla_server_over_datagram(&server, &table, &self, ONCILLA_WITHOUT_REPLAY, &bad, &buffers), ONCILLA_NULL);
    bad = io, bad.now = NULL;
    CHECK_STATUS(oncilla_client_over_datagram(&client, &bad, &buffers, 1), ONCILLA_NULL);
    CHECK_STATUS(oncilla_client_call(&client, 1, 1, 1, NULL, NULL), ONCILLA_UNINITIALIZED);

    check_memories(&table, &io, &buffers);
    CHECK_STATUS(oncilla_server_over_datagram(&server, &table, &self, ONCILLA_WITHOUT_REPLAY, &io, &buffers), ONCILLA_OK);
    CHECK_STATUS(oncilla_server_serve_next(&server, 50), ONCILLA_TIME_UP);
    loop_send(&line, (const uint8_t *)two, sizeof two - 1, 0);
    CHECK_STATUS(oncilla_server_serve_next(&server, 50), ONCILLA_OK);
    CHECK(self.executed == 1 && line.length == 28);
    line.length = 0;
    line.failure = -5;
    CHECK_STATUS(oncilla_server_serve_next(&server, 50), ONCILLA_TRANSPORT);
    CHECK_STATUS(oncilla_server_details(&server, &details), ONCILLA_OK);
    CHECK(details.status == ONCILLA_TRANSPORT && details.transport == -5);
    line.failure = 1000;
    /* On datagrams: a datagram larger than the buffer. On other carriers: an error of the callback. */
    CHECK_STATUS(oncilla_server_serve_next(&server, 50), ONCILLA_OK);
    CHECK(self.executed == 1);
    line.length = 0;
    CHECK_STATUS(oncilla_server_over_record(&server, &table, &self, NULL, &io, &buffers), ONCILLA_OK);
    CHECK_STATUS(oncilla_server_serve_next(&server, 50), ONCILLA_TRANSPORT);
    CHECK_STATUS(oncilla_server_details(&server, &details), ONCILLA_OK);
    CHECK(details.transport == ONCILLA_IO_TOO_MANY);
    line.failure = 0;

    line.lossy = 1, line.sent = 0;
    CHECK_STATUS(oncilla_client_over_datagram(&client, &io, &buffers, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_set_timeout(&client, 4), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_set_retry(&client, 1, 0), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_call(&client, 1, 1, 1, NULL, NULL), ONCILLA_TIMED_OUT);
    CHECK(line.sent == 4);
    arguments = oncilla_writer_on(tx + 120, 8);
    oncilla_put_u32(&arguments, 1);
    CHECK_STATUS(oncilla_client_call(&client, 1, 1, 1, &arguments, NULL), ONCILLA_OVERLAP);
    arguments = oncilla_writer_on(rx, 8);
    oncilla_put_u32(&arguments, 1);
    CHECK_STATUS(oncilla_client_cast(&client, 1, 1, 1, &arguments), ONCILLA_OVERLAP);
    CHECK(line.sent == 4);
    CHECK_STATUS(oncilla_auth_sys_write(&user, "m", credential, sizeof credential, &credential_length), ONCILLA_BOUND);
    user.group_count = 16;
    CHECK_STATUS(oncilla_auth_sys_write(&user, "m", credential, 16, &credential_length), ONCILLA_TOO_SMALL);
    CHECK_STATUS(oncilla_auth_sys_write(&user, "m", credential, sizeof credential, &credential_length), ONCILLA_OK);
    CHECK(credential_length == 4 + 8 + 12 + 64);
    CHECK_STATUS(oncilla_client_set_credential(&client, ONCILLA_AUTH_SYS, credential, 401), ONCILLA_BOUND);
    CHECK_STATUS(oncilla_client_set_credential(&client, ONCILLA_AUTH_SYS, rx + 127, 20), ONCILLA_OVERLAP);
    CHECK_STATUS(oncilla_client_set_credential(&client, ONCILLA_AUTH_SYS, tx, 20), ONCILLA_OVERLAP);
    CHECK_STATUS(oncilla_client_set_credential(&client, ONCILLA_AUTH_SYS, credential, credential_length), ONCILLA_OK);
    /* An endpoint checks the credential in the same way. */
    CHECK_STATUS(oncilla_endpoint_over_record(&endpoint, &table, &self, NULL, &io, &buffers, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_set_credential(&endpoint.client, ONCILLA_AUTH_SYS, tx, 20), ONCILLA_OVERLAP);
    CHECK_STATUS(oncilla_client_set_credential(&endpoint.client, ONCILLA_AUTH_SYS, credential, 20), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_call(&client, 1, 1, 1, NULL, NULL), ONCILLA_TIMED_OUT);
    CHECK_STATUS(oncilla_client_set_credential(&client, ONCILLA_AUTH_SYS, credential, 400), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_call(&client, 1, 1, 1, NULL, NULL), ONCILLA_NO_ROOM);
    CHECK_STATUS(oncilla_client_details(&client, &details), ONCILLA_OK);
    CHECK(details.needed == 440 && details.available == 128);
}
