// What OpenSSL has as macros with arguments, which Swift does not see.
#ifndef REPRISE_COPENSSL_SHIM_H
#define REPRISE_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline int reprise_set_versions(SSL_CTX *context, int min, int max) {
    return SSL_CTX_set_min_proto_version(context, min) && SSL_CTX_set_max_proto_version(context, max);
}

// No renegotiation, no compression; our order of ciphers counts; a peer that hangs up without saying so is no error
// (HTTP knows where its messages end).
static inline void reprise_set_options(SSL_CTX *context) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
                     | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
}

static inline int reprise_set_groups(SSL_CTX *context, const char *names) {
    return (int)SSL_CTX_set1_groups_list(context, names);
}

// A connection that waits gives its record buffers back.
static inline void reprise_set_modes(SSL_CTX *context) { SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); }

static inline void reprise_set_cache_mode(SSL_CTX *context, int mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}

static inline void reprise_bio_must_wait(BIO *bio) { BIO_set_retry_read(bio); }
static inline void reprise_bio_need_not_wait(BIO *bio) { BIO_clear_retry_flags(bio); }

// A connection to "HOST:PORT" whose certificate is for `host` and vouched for; NULL when there is none.
static inline BIO *reprise_connect(SSL_CTX *context, const char *address, const char *host) {
    BIO *bio = BIO_new_ssl_connect(context);
    SSL *ssl = NULL;
    if (bio == NULL) return NULL;
    BIO_get_ssl(bio, &ssl);
    SSL_set_mode(ssl, SSL_MODE_AUTO_RETRY);
    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    int is_named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1
                   || (SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1);
    ERR_clear_error();
    if (is_named && BIO_set_conn_hostname(bio, address) == 1 && BIO_do_connect(bio) == 1) return bio;
    BIO_free_all(bio);
    return NULL;
}

#endif
