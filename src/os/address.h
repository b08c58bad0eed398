/* Addresses that a URL somebody wrote must not lead to: link-local ones, and those at which
 * clouds tell machines their credentials. */
#ifndef LL_OS_ADDRESS_H
#define LL_OS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

struct sockaddr;

/* 169.254.0.0/16, fe80::/10, the metadata services outside them (100.100.100.200, 192.0.0.192,
 * 168.63.129.16, fd00:ec2::/32), 0.0.0.0/8, and each of them written as IPv6 (mapped, NAT64). */
bool ll_address_is_guarded(const struct sockaddr *a, size_t n);

#endif
