/* What the files of the shim have of each other. Not for its users. */
#ifndef ONCILLA_POSIX_PARTS_H
#define ONCILLA_POSIX_PARTS_H

#include "oncilla_posix.h"

/* Makes a carrier of a descriptor, which it closes if that fails. */
oncilla_status oncilla_posix_take_over(oncilla_posix *self, int32_t fd, int32_t kind);

/* Closes a descriptor that is open, and leaves errno as it is. */
void oncilla_posix_shut(int32_t *fd);

/* Sends what a server's connection has not taken of its last reply, without waiting. Returns whether it has all of it, or a
   negative number when it has failed. */
int32_t oncilla_posix_send_rest(oncilla_posix *self);

/* Another number each time: clients that start one after another begin at different xids. */
uint32_t oncilla_posix_first_xid(void);

#endif
