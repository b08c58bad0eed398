/* Keys for AWS: from a credentials file, the environment, or where the AWS tools keep them. */
#ifndef LL_EXECUTE_AWS_CREDENTIALS_H
#define LL_EXECUTE_AWS_CREDENTIALS_H

#include "base/err.h"
#include "base/str.h"

enum { LL_AWS_CREDENTIALS_BYTES_MAX = 1 << 20, LL_AWS_TOKEN_MAX = 8192 };

struct ll_aws_credentials {
    char key_id[129], secret[257];
    char session_token[LL_AWS_TOKEN_MAX]; /* "" = none */
};

/* One profile of a file as the AWS tools have it: [name], then aws_access_key_id,
 * aws_secret_access_key and aws_session_token.  Fails with LL_E_CONFIG; no error tells a secret. */
LL_MUST_USE bool ll_aws_credentials_parse(struct ll_slice text, struct ll_slice profile,
                                          struct ll_aws_credentials *out, struct ll_err *err);

/* file and profile may be empty: then AWS_ACCESS_KEY_ID and its companions, then the file that
 * AWS_SHARED_CREDENTIALS_FILE names, then ~/.aws/credentials; AWS_PROFILE, then "default". */
LL_MUST_USE bool ll_aws_credentials_find(struct ll_slice file, struct ll_slice profile,
                                         struct ll_aws_credentials *out, struct ll_err *err);
void ll_aws_credentials_fini(struct ll_aws_credentials *c); /* overwrites */

#endif
