#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <string.h>
#include <termios.h>

#include "oncilla_posix_parts.h"

/* Does the work of cfmakeraw, which is not part of POSIX. Returns -1 for an unknown speed. */
static int make_raw(struct termios *line, speed_t speed)
{
    line->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF);
    line->c_oflag &= ~(tcflag_t)OPOST;
    line->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    line->c_cflag &= ~(tcflag_t)(CSIZE | PARENB | CSTOPB);
    line->c_cflag |= (tcflag_t)(CS8 | CREAD | CLOCAL);
    line->c_cc[VMIN] = 1;
    line->c_cc[VTIME] = 0;
    return cfsetispeed(line, speed) == 0 ? cfsetospeed(line, speed) : -1;
}

oncilla_status oncilla_posix_serial_open(oncilla_posix *self, const char *path, uint32_t speed)
{
    struct termios line;
    int32_t fd;
    if (self == NULL || path == NULL)
        return ONCILLA_NULL;
    self->fd = -1;
    fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return ONCILLA_TRANSPORT;
    if (tcgetattr(fd, &line) == 0 && make_raw(&line, (speed_t)speed) == 0 && tcsetattr(fd, TCSANOW, &line) == 0)
        return oncilla_posix_take_over(self, fd, ONCILLA_POSIX_SERIAL);
    oncilla_posix_shut(&fd);
    return ONCILLA_TRANSPORT;
}

oncilla_status oncilla_posix_serial_client(oncilla_client *client, oncilla_posix *self, const char *path, uint32_t speed,
                                           uint32_t boot, const oncilla_buffers *buffers)
{
    oncilla_io io = oncilla_posix_io(self);
    oncilla_status status = oncilla_posix_serial_open(self, path, speed);
    if (status == ONCILLA_OK)
        status = oncilla_client_over_serial(client, &io, buffers, oncilla_posix_first_xid(), boot);
    if (status != ONCILLA_OK)
        oncilla_posix_close(self);
    return status;
}

#if defined(ONCILLA_KEYS)
oncilla_status oncilla_posix_serial_client_with_keys(oncilla_client *client, oncilla_posix *self, const char *path,
                                                     uint32_t speed, const oncilla_buffers *buffers,
                                                     oncilla_opener *opener)
{
    oncilla_io io = oncilla_posix_io(self);
    oncilla_status status = oncilla_posix_serial_open(self, path, speed);
    if (status == ONCILLA_OK)
        status = oncilla_client_over_serial_with_keys(client, &io, buffers, oncilla_posix_first_xid(), opener);
    if (status != ONCILLA_OK)
        oncilla_posix_close(self);
    return status;
}
#endif
