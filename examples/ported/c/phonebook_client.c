/* `phonebook_client PORT` adds an entry to the phone book on this machine, and looks it up. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "phonebook.h"

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    entry added = {"Ada", 1815};
    char *name = "Ada";
    int fd = RPC_ANYSOCK;
    bool_t *there_was_room;
    lookup_result *result;
    CLIENT *client;

    if (argc != 2)
        return 2;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)atoi(argv[1]));
    client = clnttcp_create(&address, PHONEBOOK, PHONEBOOK_1, &fd, 0, 0);
    if (!client) {
        clnt_pcreateerror("phonebook");
        return 1;
    }
    there_was_room = phonebook_add_1(&added, client);
    result = phonebook_lookup_1(&name, client);
    if (!there_was_room || !result) {
        clnt_perror(client, "phonebook");
        return 1;
    }
    if (result->what == OUTCOME_FOUND)
        printf("%s has %u\n", result->lookup_result_u.found.name, result->lookup_result_u.found.number);
    clnt_destroy(client);
    return 0;
}
