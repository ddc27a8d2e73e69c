#ifndef POSIX_TERMIOS_H
#define POSIX_TERMIOS_H
typedef unsigned int tcflag_t;
typedef unsigned int speed_t;
typedef unsigned char cc_t;
#define IGNBRK 01
#define BRKINT 02
#define PARMRK 010
#define ISTRIP 040
#define INLCR 0100
#define IGNCR 0200
#define ICRNL 0400
#define IXON 02000
#define IXOFF 010000
#define OPOST 01
#define ISIG 01
#define ICANON 02
#define ECHO 010
#define ECHONL 0100
#define IEXTEN 0100000
#define CSIZE 060
#define CS8 060
#define CSTOPB 0100
#define CREAD 0200
#define PARENB 0400
#define CLOCAL 04000
#define VTIME 5
#define VMIN 6
#define TCSANOW 0
struct termios {
    tcflag_t c_iflag;
    tcflag_t c_oflag;
    tcflag_t c_cflag;
    tcflag_t c_lflag;
    cc_t c_cc[32];
};
int tcgetattr(int, struct termios *);
int tcsetattr(int, int, const struct termios *);
int cfsetispeed(struct termios *, speed_t);
int cfsetospeed(struct termios *, speed_t);
#endif
