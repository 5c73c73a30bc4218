/* A flat view of sofia-sip: variadic tag calls become plain ones, events become one struct of plain values.
 *
 * Threads. `hotline_sip_start` makes one thread that owns the stack; every event comes on it. Only `hotline_sip_start`,
 * `hotline_sip_wake`, `hotline_sip_stop` and `hotline_sip_destroy` may be called from elsewhere; all other functions
 * are for the event handler, and refuse (return 0) on any other thread. Nothing an event points to outlives it.
 *
 * No decisions are made here but fixed limits: HOTLINE_SIP_CALLS, HOTLINE_SIP_BACKLOG, and the sizes below. */
#ifndef HOTLINE_SIP_H
#define HOTLINE_SIP_H

#include <stddef.h>
#include <stdint.h>

typedef struct hotline_sip hotline_sip;

/* Calls and registrations that may stand at one time; an INVITE above it gets 503. */
#define HOTLINE_SIP_CALLS 8192
/* New INVITEs that may stand without a final answer; one above it gets 503 without Retry-After. */
#define HOTLINE_SIP_BACKLOG 1024
/* Listening addresses of one stack. */
#define HOTLINE_SIP_ENDPOINTS 8
/* Contacts of one REGISTER that are told; further ones are only counted. */
#define HOTLINE_SIP_CONTACTS 8
/* Texts with their terminating NUL; what is longer is cut and marked in `cut`. */
#define HOTLINE_SIP_TEXT 257
#define HOTLINE_SIP_LONG 1025
/* Bodies with their NUL; a longer one is not given at all (`body_refused`). */
#define HOTLINE_SIP_BODY 8193

enum hotline_sip_kind {
    /* Somebody called `hotline_sip_wake`. */
    HOTLINE_SIP_WAKE = 1,
    /* A quarter of a second has passed. */
    HOTLINE_SIP_TICK,
    /* A new call; `call` names it until HOTLINE_SIP_ENDED. */
    HOTLINE_SIP_INVITE,
    /* Requests within a call. Those marked * are answered during their event, with `hotline_sip_answer_now`. */
    HOTLINE_SIP_REINVITE,
    HOTLINE_SIP_UPDATE, /* * */
    HOTLINE_SIP_ACK,
    HOTLINE_SIP_PRACK,
    HOTLINE_SIP_CANCEL,
    HOTLINE_SIP_BYE,
    HOTLINE_SIP_INFO, /* answered by the stack */
    /* Outside of calls; answered during the event. */
    HOTLINE_SIP_OPTIONS, /* * */
    /* Our response `status` to an INVITE or UPDATE is on the wire. */
    HOTLINE_SIP_SENT,
    /* A response to our INVITE. */
    HOTLINE_SIP_RESPONSE,
    /* A response to our REGISTER; `session_expires` holds the granted seconds. */
    HOTLINE_SIP_REGISTERED,
    /* The stack says that something went wrong with a call: `status` 408 for a missing ACK or PRACK. */
    HOTLINE_SIP_TROUBLE,
    /* The stack itself is ending the call (session timer); HOTLINE_SIP_ENDED follows. */
    HOTLINE_SIP_ENDING,
    /* The call is no more, its id is void. */
    HOTLINE_SIP_ENDED,
    /* A telephone registers: outside of calls; answered during the event. */
    HOTLINE_SIP_REGISTER, /* * */
    /* A transfer is asked for, within a call whose messages said `takes_refer`; everywhere else REFER gets 405. */
    HOTLINE_SIP_REFER, /* * */
};

/* A Contact of a REGISTER. Texts as those of the event. */
struct hotline_sip_contact {
    /* `sip`, `sips`, `*` or another scheme. */
    const char *scheme;
    const char *user;
    /* As received: an IPv6 address in brackets. */
    const char *host;
    const char *port;
    /* Of the URI, without the leading semicolon. */
    const char *parameters;
    /* Parameters of the header field; empty where they are missing. */
    const char *expires;
    const char *q;
};

struct hotline_sip_event {
    int32_t kind;
    int32_t status;
    /* 0: none. */
    uint32_t call;
    /* Index of the listening address. */
    uint32_t endpoint;
    /* Where the message came from. IPPROTO_UDP, IPPROTO_TCP or 0. */
    uint8_t protocol;
    /* 4, 6 or 0. */
    uint8_t family;
    uint8_t address[16];
    uint16_t port;
    /* A text was cut. */
    uint8_t cut;
    /* The body was longer than HOTLINE_SIP_BODY, or holds a NUL. */
    uint8_t body_refused;
    /* Set where a Contact, a Record-Route or a Via parameter maddr is there. */
    uint8_t has_contact;
    uint8_t supports_timer;
    uint8_t allows_update;
    /* 0: none told, 1: uac, 2: uas (RFC 4028). */
    uint8_t refresher;
    uint32_t session_expires;
    uint32_t body_length;
    uint32_t sequence;
    /* REGISTER: the Expires header in seconds. */
    uint8_t has_expires;
    uint32_t expires;
    /* REGISTER: how many came; the first HOTLINE_SIP_CONTACTS of them are in `contacts`. */
    uint32_t contact_count;
    const struct hotline_sip_contact *contacts;
    /* Texts: never NULL, empty where there is nothing, ended by NUL, at most HOTLINE_SIP_TEXT or HOTLINE_SIP_LONG. */
    const char *method;
    const char *phrase;
    const char *call_id;
    const char *from_user;
    const char *to_user;
    const char *request_user;
    const char *request_uri;
    /* Hosts that the stack would send to, without brackets, separated by spaces: Contact, Record-Route, maddr. */
    const char *hosts;
    /* Header fields as received, several of one name joined by ", ". */
    const char *asserted;
    const char *diversion;
    const char *history;
    const char *privacy;
    const char *reason;
    const char *authorization;
    /* Of the first WWW-Authenticate or Proxy-Authenticate: the scheme and the realm (unquoted). */
    const char *scheme;
    const char *realm;
    const char *content_type;
    const char *body;
    /* REFER: user part and URI headers (`Replaces=…`, as escaped) of Refer-To, and the Event that its NOTIFYs carry. */
    const char *refer_user;
    const char *refer_headers;
    const char *refer_event;
};

/* Counters of decisions made here and of what did not fit. */
struct hotline_sip_counters {
    uint64_t backlog_refused;
    uint64_t cut;
    uint64_t body_refused;
    uint32_t calls;
    uint32_t undecided;
};

struct hotline_sip_options {
    /* `sip:host:port[;transport=…][;maddr=…]`, one each listening address; port 0 takes a free one. */
    const char *urls[HOTLINE_SIP_ENDPOINTS];
    uint32_t url_count;
    const char *user_agent;
    /* Seconds (RFC 4028); 0 turns the session timer off. */
    uint32_t session_expires;
    uint32_t minimum_expires;
    /* REGISTER is an event; otherwise it gets 405. */
    int phones;
};

/* What a response or request carries; NULL leaves a field out. Copied before the call returns. */
struct hotline_sip_message {
    const char *contact;
    /* application/sdp */
    const char *sdp;
    const char *reason;
    const char *www_authenticate;
    const char *retry_after;
    const char *min_expires;
    /* RFC 4028, seconds for this call; 0: as the options say, -1: no timer whatever the options say. */
    int session_expires;
    /* From this message on REFER is allowed in this call, and an event. */
    int takes_refer;
};


/* The event and its texts are valid during the call only. */
typedef void (*hotline_sip_handler)(void *context, hotline_sip *sip, const struct hotline_sip_event *event);

/* Starts the stack and its thread, and waits until it listens. NULL and a text in `error` where it cannot. */
hotline_sip *hotline_sip_start(
    const struct hotline_sip_options *options, hotline_sip_handler handler, void *context, char *error, size_t size);
/* The port that a listening address got. Constant after the start. */
uint16_t hotline_sip_port(const hotline_sip *sip, uint32_t endpoint);
/* Any thread: HOTLINE_SIP_WAKE comes soon; several calls may give one event. */
void hotline_sip_wake(hotline_sip *sip);
/* Any thread but the stack's: ends the thread and waits for it. Calls should be over before: what still stands is
 * dropped without a word to the peer. No event comes afterwards. `hotline_sip_destroy` must follow. */
void hotline_sip_stop(hotline_sip *sip);
void hotline_sip_destroy(hotline_sip *sip);

/* Responds to the call's INVITE (first or later): any status but 100. */
int hotline_sip_respond(hotline_sip *sip, uint32_t call, int status, const struct hotline_sip_message *message);
/* Responds to the request whose event is being handled. */
int hotline_sip_answer_now(hotline_sip *sip, int status, const struct hotline_sip_message *message);
/* Places a call; returns its id, 0 where there is no room. */
uint32_t hotline_sip_invite(
    hotline_sip *sip, uint32_t endpoint, const char *target, const char *from,
    const struct hotline_sip_message *message);
/* Changes the session: a re-INVITE within an established call. */
int hotline_sip_reinvite(hotline_sip *sip, uint32_t call, const struct hotline_sip_message *message);
/* `credentials`: `Digest:"realm":user:password`; repeats the challenged request. */
int hotline_sip_authenticate(hotline_sip *sip, uint32_t call, const char *credentials);
/* The peer's requests in this call go to `url` whatever its Contact and Route say. */
int hotline_sip_pin(hotline_sip *sip, uint32_t call, const char *url);
/* NOTIFY within a call (RFC 3515): the state of a transfer as a status line; `event` as told with the REFER,
 * `state` is the Subscription-State. */
int hotline_sip_notify(hotline_sip *sip, uint32_t call, const char *event, const char *state, int status);
int hotline_sip_cancel(hotline_sip *sip, uint32_t call, const char *reason);
int hotline_sip_bye(hotline_sip *sip, uint32_t call, const char *reason);
/* Drops the call without waiting for the peer; HOTLINE_SIP_ENDED does not come. */
int hotline_sip_drop(hotline_sip *sip, uint32_t call);
/* Registers and keeps the registration up; returns its id. */
uint32_t hotline_sip_register(
    hotline_sip *sip, uint32_t endpoint, const char *registrar, const char *aor, const char *contact,
    uint32_t expires);
int hotline_sip_unregister(hotline_sip *sip, uint32_t call);
void hotline_sip_count(const hotline_sip *sip, struct hotline_sip_counters *counters);

/* MD5 in 32 lower-case hexadecimal digits and a NUL (RFC 2617's only common algorithm). Any thread. */
void hotline_sip_md5(const char *text, size_t length, char digest[33]);

#endif
