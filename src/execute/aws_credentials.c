#include "execute/aws_credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"
#include "os/secret.h"

enum { PATH_BYTES = 4096 };

static struct ll_slice trim(struct ll_slice t)
{
    while (t.n > 0 && (unsigned char)t.s[0] <= ' ')
        t = (struct ll_slice){t.s + 1, t.n - 1};
    while (t.n > 0 && (unsigned char)t.s[t.n - 1] <= ' ')
        t.n--;
    return t;
}

static struct ll_slice next_line(struct ll_slice *text)
{
    const char *end = text->n ? memchr(text->s, '\n', text->n) : NULL;
    struct ll_slice line = {text->s, end ? (size_t)(end - text->s) : text->n};
    size_t used = line.n + (end ? 1 : 0);
    *text = (struct ll_slice){text->s + used, text->n - used};
    return trim(line);
}

/* True when it was kept: printable, and it fits. */
static bool keep(char *out, size_t size, struct ll_slice value)
{
    if (value.n == 0 || value.n >= size)
        return false;
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.s[i] <= ' ' || (unsigned char)value.s[i] >= 0x7f)
            return false;
    memcpy(out, value.s, value.n);
    out[value.n] = '\0';
    return true;
}

static bool take_line(struct ll_aws_credentials *c, struct ll_slice line)
{
    const char *equals = memchr(line.s, '=', line.n);
    if (!equals)
        return true;
    struct ll_slice key = trim((struct ll_slice){line.s, (size_t)(equals - line.s)});
    struct ll_slice value =
        trim((struct ll_slice){equals + 1, line.n - (size_t)(equals + 1 - line.s)});
    if (ll_slice_ieq(key, "aws_access_key_id"))
        return keep(c->key_id, sizeof(c->key_id), value);
    if (ll_slice_ieq(key, "aws_secret_access_key"))
        return keep(c->secret, sizeof(c->secret), value);
    if (ll_slice_ieq(key, "aws_session_token"))
        return keep(c->session_token, sizeof(c->session_token), value);
    return true;
}

static bool is_header_of(struct ll_slice line, struct ll_slice profile)
{
    return line.n >= 2 && line.s[line.n - 1] == ']' &&
           ll_slice_eq(trim((struct ll_slice){line.s + 1, line.n - 2}), profile);
}

bool ll_aws_credentials_parse(struct ll_slice text, struct ll_slice profile,
                              struct ll_aws_credentials *out, struct ll_err *err)
{
    struct ll_aws_credentials c = {"", "", ""};
    bool inside = false, found = false, ok = true;
    while (text.n > 0) {
        struct ll_slice line = next_line(&text);
        if (line.n == 0 || line.s[0] == '#' || line.s[0] == ';')
            continue;
        if (line.s[0] == '[')
            inside = is_header_of(line, profile);
        else if (inside)
            ok = take_line(&c, line) && ok;
        found = found || inside;
    }
    bool whole = found && ok && c.key_id[0] && c.secret[0];
    if (whole)
        *out = c;
    ll_aws_credentials_fini(&c);
    if (whole)
        return true;
    return ll_err_set(err, LL_E_CONFIG, "%s of profile '%.*s'",
                      !found ? "there are no credentials"
                      : !ok  ? "a key is empty, too long or has a space in it,"
                             : "aws_access_key_id or aws_secret_access_key is missing",
                      (int)LL_MIN(profile.n, (size_t)80), profile.s);
}

static bool from_environment(struct ll_aws_credentials *c)
{
    struct ll_slice id = ll_slice_of(getenv("AWS_ACCESS_KEY_ID"));
    struct ll_slice secret = ll_slice_of(getenv("AWS_SECRET_ACCESS_KEY"));
    struct ll_slice token = ll_slice_of(getenv("AWS_SESSION_TOKEN"));
    return keep(c->key_id, sizeof(c->key_id), id) && keep(c->secret, sizeof(c->secret), secret) &&
           (token.n == 0 || keep(c->session_token, sizeof(c->session_token), token));
}

static bool file_name(struct ll_slice file, char out[static PATH_BYTES], struct ll_err *err)
{
    const char *named = getenv("AWS_SHARED_CREDENTIALS_FILE"), *home = getenv("HOME");
    int n = 0;
    if (file.n)
        n = snprintf(out, PATH_BYTES, "%.*s", (int)file.n, file.s);
    else if (named)
        n = snprintf(out, PATH_BYTES, "%s", named);
    else if (home)
        n = snprintf(out, PATH_BYTES, "%s/.aws/credentials", home);
    return (n > 0 && n < PATH_BYTES) ||
           ll_err_set(err, LL_E_CONFIG,
                      "no credentials for AWS: name a credentials_file, or set "
                      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
}

bool ll_aws_credentials_find(struct ll_slice file, struct ll_slice profile,
                             struct ll_aws_credentials *out, struct ll_err *err)
{
    struct ll_aws_credentials c = {"", "", ""};
    char path[PATH_BYTES];
    struct ll_str text;
    if (file.n == 0 && profile.n == 0 && from_environment(&c)) {
        *out = c;
        ll_aws_credentials_fini(&c);
        return true;
    }
    ll_aws_credentials_fini(&c);
    if (!file_name(file, path, err))
        return false;
    if (profile.n == 0)
        profile = ll_slice_of(getenv("AWS_PROFILE") ? getenv("AWS_PROFILE") : "default");
    ll_str_init(&text, LL_AWS_CREDENTIALS_BYTES_MAX);
    bool ok = ll_file_read(path, LL_AWS_CREDENTIALS_BYTES_MAX, &text, err) &&
              (ll_aws_credentials_parse((struct ll_slice){text.s, text.n}, profile, out, err) ||
               ll_err_wrap(err, "%s", path));
    ll_secret_fini(&text);
    return ok;
}

void ll_aws_credentials_fini(struct ll_aws_credentials *c)
{
    explicit_bzero(c, sizeof(*c));
}
