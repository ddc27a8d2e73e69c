/* Functions that the files of the shim share. Not for users of the shim. */
#ifndef ONCILLA_POSIX_PARTS_H
#define ONCILLA_POSIX_PARTS_H

#include "oncilla_posix.h"

/* Makes a carrier on a descriptor; closes the descriptor on failure. */
oncilla_status oncilla_posix_take_over(oncilla_posix *self, int32_t fd, int32_t kind);

/* Closes a descriptor if it is open, and keeps errno. */
void oncilla_posix_shut(int32_t *fd);

/* Sends the rest of the last reply on a server's connection, without waiting. Returns 1 if nothing is left, 0 if
   something is, or a negative number on failure. */
int32_t oncilla_posix_send_rest(oncilla_posix *self);

/* Returns a different xid each time, so that clients started one after another use different xids. */
uint32_t oncilla_posix_first_xid(void);

#endif
