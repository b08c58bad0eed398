#include "os/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/clock.h"

enum { LOOK_MS = 20, FAULT_FD = 3, LOST = 127 };

/* Our ends of its standard streams; -1 = closed. */
struct pipes {
    int in, out, err;
};

/* A running child. */
struct child {
    const struct ll_child_opts *o;
    struct ll_child_end *end;
    pid_t pid;
    struct pipes pipes;
    size_t written;
    ll_time deadline, kill_at; /* mono; kill_at INT64_MAX = SIGTERM was not sent */
    int how;
};

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* theirs[0..2] are the child's ends. */
static bool make_pipes(struct pipes *p, int theirs[3], struct ll_err *err)
{
    int pair[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
    for (size_t i = 0; i < LL_LEN(pair); i++)
        if (pipe2(pair[i], O_CLOEXEC) != 0) {
            ll_err_set(err, LL_E_IO, "cannot make a pipe: %s", strerror(errno));
            for (size_t k = 0; k < i; k++)
                shut(&pair[k][0]), shut(&pair[k][1]);
            return false;
        }
    *p = (struct pipes){.in = pair[0][1], .out = pair[1][0], .err = pair[2][0]};
    const int ours[] = {p->in, p->out, p->err};
    for (size_t i = 0; i < LL_LEN(ours); i++)
        fcntl(ours[i], F_SETFL, O_NONBLOCK);
    theirs[0] = pair[0][0];
    theirs[1] = pair[1][1];
    theirs[2] = pair[2][1];
    return true;
}

/* In the child: only what is safe between fork and exec of a program with threads. */
_Noreturn static void become(const struct ll_child_opts *o, const int theirs[3], int fault,
                             pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* when we are killed it must not go on alone */
    if (getppid() != parent)
        _exit(LOST);
    setpgid(0, 0);
    for (int i = 1; i < NSIG; i++)
        sigaction(i, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    for (int i = 0; i < 3; i++)
        dup2(theirs[i], i);
    if (fault != FAULT_FD)
        dup3(fault, FAULT_FD, O_CLOEXEC);
    closefrom(FAULT_FD + 1);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(o->argv[0], o->argv, o->env);
    int why = errno;
    _exit(write(FAULT_FD, &why, sizeof(why)) < 0 ? LOST : why);
}

/* 0, or why it does not run. */
static int spawn(const struct ll_child_opts *o, const int theirs[3], pid_t *pid)
{
    int fault[2], why = 0;
    pid_t parent = getpid();
    if (pipe2(fault, O_CLOEXEC) != 0)
        return errno;
    *pid = fork();
    if (*pid == 0)
        become(o, theirs, fault[1], parent);
    if (*pid < 0)
        why = errno;
    close(fault[1]);
    while (*pid > 0 && read(fault[0], &why, sizeof(why)) < 0 && errno == EINTR)
        continue;
    close(fault[0]);
    if (*pid > 0 && why != 0)
        while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    return why;
}

static bool begin(struct child *c, struct ll_err *err)
{
    int theirs[3];
    if (!make_pipes(&c->pipes, theirs, err))
        return false;
    int rc = spawn(c->o, theirs, &c->pid);
    for (size_t i = 0; i < 3; i++)
        shut(&theirs[i]);
    if (rc == 0)
        return true;
    shut(&c->pipes.in);
    shut(&c->pipes.out);
    shut(&c->pipes.err);
    enum ll_err_code code = rc == ENOENT ? LL_E_NOT_FOUND : rc == EACCES ? LL_E_DENIED : LL_E_IO;
    return ll_err_set(err, code, "cannot run %s: %s", c->o->argv[0], strerror(rc));
}

/* SIGPIPE is ignored in the daemon; here it must not depend on that. */
static void feed(struct child *c)
{
    sigset_t pipe_only, before;
    struct timespec now = {0};
    size_t left = c->o->input.n - c->written;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    ssize_t n = left ? write(c->pipes.in, c->o->input.s + c->written, left) : 0;
    bool gone = n < 0 && errno == EPIPE, again = n < 0 && (errno == EAGAIN || errno == EINTR);
    if (gone && !sigismember(&before, SIGPIPE))
        while (sigtimedwait(&pipe_only, NULL, &now) > 0)
            continue;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (n > 0)
        c->written += (size_t)n;
    if (!again && (n < 0 || c->written == c->o->input.n))
        shut(&c->pipes.in);
}

/* Keeps what fits and reads past the rest, so that the child never waits for us. */
static bool drain(int *fd, struct ll_str *to, bool *cut)
{
    char block[4096];
    ssize_t n = read(*fd, block, sizeof(block));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0) {
        shut(fd);
        return false;
    }
    size_t room = LL_CHILD_OUTPUT_MAX - to->n, keep = LL_MIN((size_t)n, room);
    ll_str_add(to, block, keep);
    *cut = *cut || keep < (size_t)n;
    return true;
}

static void look(struct child *c)
{
    struct pollfd p[] = {
        {c->pipes.in, POLLOUT, 0}, {c->pipes.out, POLLIN, 0}, {c->pipes.err, POLLIN, 0}};
    bool ignored = false;
    if (poll(p, LL_LEN(p), LOOK_MS) <= 0)
        return;
    if (c->pipes.in >= 0 && p[0].revents)
        feed(c);
    if (c->pipes.out >= 0 && p[1].revents)
        drain(&c->pipes.out, &c->end->out, &c->end->cut);
    if (c->pipes.err >= 0 && p[2].revents)
        drain(&c->pipes.err, &c->end->err, &ignored);
}

/* Grandchildren may hold the pipes open for ever; what is in them now is enough. */
static void drain_rest(struct child *c)
{
    bool ignored = false;
    for (int i = 0;
         i < 64 && c->pipes.out >= 0 && drain(&c->pipes.out, &c->end->out, &c->end->cut);)
        i++;
    for (int i = 0; i < 64 && c->pipes.err >= 0 && drain(&c->pipes.err, &c->end->err, &ignored);)
        i++;
    shut(&c->pipes.in);
    shut(&c->pipes.out);
    shut(&c->pipes.err);
}

static void limit(struct child *c, ll_time now)
{
    bool stop = c->o->stop && c->o->stop(c->o->ctx);
    if (c->kill_at == INT64_MAX && (stop || now >= c->deadline)) {
        c->how = stop ? LL_CHILD_STOPPED : LL_CHILD_TIMED_OUT;
        c->kill_at = now + (c->o->grace ? c->o->grace : 2 * LL_SECOND);
        kill(-c->pid, SIGTERM);
    } else if (now >= c->kill_at) {
        kill(-c->pid, SIGKILL);
    }
}

static void wait_for_end(struct child *c)
{
    struct ll_clock clock = ll_clock_real();
    siginfo_t ended = {0};
    int status = 0;
    /* The zombie keeps its number, so the group cannot be somebody else's when it is killed. */
    while (waitid(P_PID, (id_t)c->pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ended.si_pid == 0) {
        look(c);
        limit(c, clock.mono(clock.self));
    }
    if (c->how != LL_CHILD_EXITED)
        kill(-c->pid, SIGKILL); /* what is left of the group */
    drain_rest(c);
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    bool signaled = WIFSIGNALED(status);
    c->end->code = signaled ? WTERMSIG(status) : WEXITSTATUS(status);
    c->end->how = c->how != LL_CHILD_EXITED ? (__typeof__(c->end->how))c->how
                  : signaled                ? LL_CHILD_SIGNALED
                                            : LL_CHILD_EXITED;
}

bool ll_child_run(const struct ll_child_opts *o, struct ll_child_end *out, struct ll_err *err)
{
    struct ll_clock clock = ll_clock_real();
    struct ll_child_end end = {0};
    struct child c = {.o = o, .end = &end, .kill_at = INT64_MAX, .how = LL_CHILD_EXITED};
    ll_str_init(&end.out, LL_CHILD_OUTPUT_MAX);
    ll_str_init(&end.err, LL_CHILD_OUTPUT_MAX);
    if (!begin(&c, err))
        return false;
    c.deadline = clock.mono(clock.self) + (o->timeout ? o->timeout : 30 * LL_SECOND);
    wait_for_end(&c);
    *out = end;
    return true;
}

void ll_child_end_fini(struct ll_child_end *e)
{
    ll_str_fini(&e->out);
    ll_str_fini(&e->err);
}
