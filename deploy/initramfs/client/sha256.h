// SHA-256 (FIPS 180-4).
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { SHA256_HEX_BYTES = 65 };

// Writes the hash as 64 lower-case hexadecimal digits and a zero.
void sha256_hex(const uint8_t *bytes, size_t length, char into[SHA256_HEX_BYTES]);
