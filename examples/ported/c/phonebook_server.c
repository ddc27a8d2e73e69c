/* The procedures of the phone book, as rpcgen's server calls them. */
#include <stdlib.h>
#include <string.h>

#include "phonebook.h"

static entry book[ENTRIES_MAX];
static u_int count;

lookup_result *phonebook_lookup_1_svc(char **name, struct svc_req *request)
{
    static lookup_result result;
    u_int i;
    (void)request;
    result.what = OUTCOME_UNKNOWN;
    for (i = 0; i < count; i++)
        if (strcmp(book[i].name, *name) == 0) {
            result.what = OUTCOME_FOUND;
            result.lookup_result_u.found = book[i];
        }
    return &result;
}

bool_t *phonebook_add_1_svc(entry *added, struct svc_req *request)
{
    static bool_t result;
    (void)request;
    result = count < ENTRIES_MAX;
    if (result) {
        book[count].name = strdup(added->name);
        book[count++].number = added->number;
    }
    return &result;
}

entries *phonebook_list_1_svc(void *nothing, struct svc_req *request)
{
    static entries result;
    (void)nothing;
    (void)request;
    result.entries_len = count;
    result.entries_val = book;
    return &result;
}
