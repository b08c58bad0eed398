#include "os/term.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/num.h"

static struct termios before;
static bool entered;

bool ll_term_is_tty(int fd)
{
    return isatty(fd) == 1;
}

static int from_env(const char *name, int fallback)
{
    int64_t v;
    const char *text = getenv(name);
    if (!text || !ll_num_parse_int(ll_slice_of(text), &v) || v < 10 || v > 10000)
        return fallback;
    return (int)v;
}

void ll_term_size(int fd, int *columns, int *rows)
{
    struct winsize w = {0};
    bool known = ioctl(fd, TIOCGWINSZ, &w) == 0;
    *columns = known && w.ws_col > 0 ? w.ws_col : from_env("COLUMNS", 80);
    *rows = known && w.ws_row > 0 ? w.ws_row : from_env("LINES", 24);
}

bool ll_term_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < LL_LEN(names); i++) {
        const char *v = getenv(names[i]);
        if (v && v[0])
            return strcasestr(v, "utf-8") || strcasestr(v, "utf8");
    }
    return false;
}

static bool write_all(const char *s)
{
    size_t n = strlen(s);
    return write(STDOUT_FILENO, s, n) == (ssize_t)n;
}

bool ll_term_enter(struct ll_err *err)
{
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return ll_err_set(err, LL_E_IO, "cannot read the terminal's mode: %s", strerror(errno));
    struct termios raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0)
        return ll_err_set(err, LL_E_IO, "cannot set the terminal's mode: %s", strerror(errno));
    entered = true;
    if (!write_all("\033[?1049h\033[?25l"))
        return ll_err_set(err, LL_E_IO, "cannot write to the terminal: %s", strerror(errno));
    return true;
}

void ll_term_leave(void)
{
    if (!entered)
        return;
    entered = false;
    write_all("\033[?25h\033[?1049l");
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* Arrow keys arrive as ESC [ A; everything else of that kind is ignored. */
static int decode(const char *bytes, ssize_t n)
{
    if (n >= 3 && bytes[0] == '\033' && bytes[1] == '[') {
        if (bytes[2] == 'A')
            return LL_TERM_KEY_UP;
        return bytes[2] == 'B' ? LL_TERM_KEY_DOWN : LL_TERM_KEY_NONE;
    }
    return (unsigned char)bytes[0];
}

int ll_term_key(int signal_fd, ll_dur wait)
{
    struct pollfd p[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                         {.fd = signal_fd, .events = POLLIN}};
    char bytes[16];
    if (poll(p, LL_LEN(p), (int)LL_MIN(wait, LL_HOUR)) <= 0)
        return LL_TERM_KEY_NONE;
    if (p[1].revents)
        return LL_TERM_KEY_SIGNAL;
    ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));
    return n <= 0 ? LL_TERM_KEY_END : decode(bytes, n);
}
