/* Two stacks in one process call each other through the shim; run under valgrind by `check`, since valgrind cannot run
 * Swift programs. Every step has a result that can fail; the exit code is the number of failures. */
#include "hotline_sip.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SDP(direction)                                                                                     \
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\na=" \
    direction "\r\n"

enum plan { ANSWER, RING_ONLY, REFUSE, ANSWER_AND_DROP, SILENT };

/* One side: what it was told, and what its handler does. */
struct side {
    const char *name;
    hotline_sip *sip;
    enum plan plan;
    unsigned seen[32];
    int last_status;
    uint32_t call;
    char reason[64];
    char target[64];
    int to_do; /* for the wake-up: 1 dial, 2 cancel, 3 bye, 4 register, 5 fifty calls, 6 the end of a transfer */
    int authenticated;
    /* Of a REGISTER and of a REFER. */
    char contacts[128];
    char authorization[512];
    char refer[160];
    char refer_event[32];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct side caller = { .name = "caller" }, callee = { .name = "callee" }, registrar = { .name = "registrar" };
static int failures;

static void called(hotline_sip *sip, const struct hotline_sip_event *e, struct side *side)
{
    char contact[64];
    snprintf(contact, sizeof contact, "<sip:b@127.0.0.1:%u>", hotline_sip_port(sip, 0));
    struct hotline_sip_message answer = { .contact = contact, .sdp = SDP("sendrecv"), .takes_refer = 1 };
    struct hotline_sip_message plain = { .contact = contact };
    struct hotline_sip_message challenge = { .www_authenticate = "Digest realm=\"r\", nonce=\"n\", algorithm=MD5" };
    switch (side->plan) {
    case ANSWER:
    case ANSWER_AND_DROP:
        if (e->authorization[0] == 0) {
            hotline_sip_respond(sip, e->call, 401, &challenge);
            break;
        }
        side->call = e->call;
        hotline_sip_respond(sip, e->call, 183, &answer);
        hotline_sip_respond(sip, e->call, 200, &answer);
        break;
    case RING_ONLY: hotline_sip_respond(sip, e->call, 180, &plain); break;
    case REFUSE: hotline_sip_respond(sip, e->call, 486, &(struct hotline_sip_message) { .reason = "Q.850;cause=17" }); break;
    case SILENT: break;
    }
}

static void woken(hotline_sip *sip, struct side *side)
{
    char contact[64];
    snprintf(contact, sizeof contact, "<sip:a@127.0.0.1:%u>", hotline_sip_port(sip, 0));
    struct hotline_sip_message offer = { .contact = contact, .sdp = SDP("sendrecv") };
    int todo = side->to_do;
    side->to_do = 0;
    switch (todo) {
    case 1: side->call = hotline_sip_invite(sip, 0, side->target, "<sip:a@127.0.0.1>", &offer); break;
    case 2: hotline_sip_cancel(sip, side->call, "Q.850;cause=16"); break;
    case 3: hotline_sip_bye(sip, side->call, "Q.850;cause=16;text=\"done\""); break;
    case 4: side->call = hotline_sip_register(sip, 0, side->target, "<sip:a@127.0.0.1>", contact, 60); break;
    case 5: for (int i = 0; i < 50; i++) hotline_sip_invite(sip, 0, side->target, "<sip:a@127.0.0.1>", &offer); break;
    case 6: hotline_sip_notify(sip, side->call, side->refer_event, "terminated;reason=noresource", 200); break;
    default: break;
    }
}

/* A registrar that asks once for a password, as one with phones does. */
static void registering(hotline_sip *sip, const struct hotline_sip_event *e, struct side *side)
{
    struct hotline_sip_message challenge = {
        .www_authenticate = "Digest realm=\"a realm of some length, so that the answer needs room\", "
                            "nonce=\"0123456789abcdef0123456789abcdef0123456789abcdef\", algorithm=MD5, qop=\"auth\""
    };
    if (e->contact_count && strcmp(e->contacts[0].expires, "5") == 0) {
        hotline_sip_answer_now(sip, 423, &(struct hotline_sip_message) { .min_expires = "60" });
        return;
    }
    if (e->authorization[0] == 0) {
        hotline_sip_answer_now(sip, 401, &challenge);
        return;
    }
    snprintf(side->authorization, sizeof side->authorization, "%s", e->authorization);
    side->contacts[0] = 0;
    for (uint32_t i = 0; i < e->contact_count && i < HOTLINE_SIP_CONTACTS; i++) {
        size_t used = strlen(side->contacts);
        snprintf(side->contacts + used, sizeof side->contacts - used, "%s:%s@%s;%s|", e->contacts[i].scheme,
            e->contacts[i].user, e->contacts[i].host, e->contacts[i].expires);
    }
    hotline_sip_answer_now(sip, 200, &(struct hotline_sip_message) { .contact = "<sip:a@127.0.0.1:9>;expires=60" });
}

static void referred(hotline_sip *sip, const struct hotline_sip_event *e, struct side *side)
{
    if (!e->call) {
        hotline_sip_answer_now(sip, 405, NULL);
        return;
    }
    side->call = e->call;
    snprintf(side->refer, sizeof side->refer, "%.40s?%.100s", e->refer_user, e->refer_headers);
    snprintf(side->refer_event, sizeof side->refer_event, "%.31s", e->refer_event);
    hotline_sip_answer_now(sip, 202, NULL);
    hotline_sip_notify(sip, e->call, e->refer_event, "active;expires=120", 100);
}

static void handler(void *context, hotline_sip *sip, const struct hotline_sip_event *e)
{
    struct side *side = context;
    struct hotline_sip_message answer = { .sdp = SDP("recvonly") };
    pthread_mutex_lock(&lock);
    side->seen[e->kind]++;
    if (e->kind != HOTLINE_SIP_WAKE && e->kind != HOTLINE_SIP_TICK) side->last_status = e->status;
    switch (e->kind) {
    case HOTLINE_SIP_WAKE: woken(sip, side); break;
    case HOTLINE_SIP_INVITE: called(sip, e, side); break;
    case HOTLINE_SIP_REINVITE: hotline_sip_respond(sip, e->call, 200, &answer); break;
    case HOTLINE_SIP_UPDATE: hotline_sip_answer_now(sip, 200, &answer); break;
    case HOTLINE_SIP_OPTIONS: hotline_sip_answer_now(sip, 200, NULL); break;
    case HOTLINE_SIP_REGISTER: registering(sip, e, side); break;
    case HOTLINE_SIP_REFER: referred(sip, e, side); break;
    case HOTLINE_SIP_REGISTERED:
        if (e->status == 401 && !side->authenticated) {
            side->authenticated = 1;
            hotline_sip_authenticate(
                sip, e->call,
                "Digest:\"a realm of some length, so that the answer needs room\":user:password");
        }
        break;
    case HOTLINE_SIP_ACK:
        if (side->plan == ANSWER_AND_DROP) hotline_sip_drop(sip, e->call);
        break;
    case HOTLINE_SIP_BYE: snprintf(side->reason, sizeof side->reason, "%s", e->reason); break;
    case HOTLINE_SIP_RESPONSE:
        if (e->status == 401 && !side->authenticated) {
            side->authenticated = 1;
            hotline_sip_authenticate(sip, e->call, "Digest:\"r\":user:password");
        } else if (e->status == 200 && side->seen[HOTLINE_SIP_RESPONSE] < 100 && side->to_do == 0 && side->call == e->call
                   && side->plan == ANSWER) {
            /* Once: hold the peer. */
            side->plan = SILENT;
            hotline_sip_reinvite(sip, e->call, &(struct hotline_sip_message) { .sdp = SDP("sendonly") });
        }
        break;
    default: break;
    }
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Waits until a side has seen so many events of a kind. */
static void expect(const char *what, struct side *side, int kind, unsigned count)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 30;
    pthread_mutex_lock(&lock);
    int late = 0;
    while (side->seen[kind] < count && !late) late = pthread_cond_timedwait(&changed, &lock, &limit) != 0;
    int ok = side->seen[kind] >= count;
    pthread_mutex_unlock(&lock);
    printf("%s: %s\n", ok ? "ok" : "FAILED", what);
    failures += !ok;
}

static void check(const char *what, int ok)
{
    printf("%s: %s\n", ok ? "ok" : "FAILED", what);
    failures += !ok;
}

static void begin(enum plan plan, enum plan caller_plan, int to_do)
{
    pthread_mutex_lock(&lock);
    memset(caller.seen, 0, sizeof caller.seen);
    memset(callee.seen, 0, sizeof callee.seen);
    callee.plan = plan;
    caller.plan = caller_plan;
    caller.authenticated = 0;
    caller.to_do = to_do;
    pthread_mutex_unlock(&lock);
    hotline_sip_wake(caller.sip);
}

static void command(struct side *side, int to_do)
{
    pthread_mutex_lock(&lock);
    side->to_do = to_do;
    pthread_mutex_unlock(&lock);
    hotline_sip_wake(side->sip);
}

/* A telephone by hand: sends a text and waits for the next datagram. */
static int telephone(uint16_t *port)
{
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof own;
    struct timeval limit = { .tv_sec = 10 };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    bind(fd, (struct sockaddr *)&own, size);
    getsockname(fd, (struct sockaddr *)&own, &size);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    *port = ntohs(own.sin_port);
    return fd;
}

static void say(int fd, uint16_t port, const char *text)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    sendto(fd, text, strlen(text), 0, (struct sockaddr *)&to, sizeof to);
}

/* Until a datagram holds the text; 0 where none comes. */
static int hear(int fd, const char *part, char *text, size_t size)
{
    for (int i = 0; i < 40; i++) {
        ssize_t length = recv(fd, text, size - 1, 0);
        if (length < 0) break;
        text[length] = 0;
        if (strstr(text, part)) return 1;
    }
    text[0] = 0;
    return 0;
}

static void field(const char *text, const char *name, char *value, size_t size)
{
    const char *at = strstr(text, name);
    value[0] = 0;
    if (at) snprintf(value, size, "%.*s", (int)strcspn(at + strlen(name), "\r\n"), at + strlen(name));
}

/* REGISTERs and REFERs as telephones send them, some of them hostile. */
static void telephones(struct side *side)
{
    static const char *const contacts[] = {
        "*", "<sip:1@127.0.0.1:5070>;expires=5", "<sip:1@127.0.0.1>, <sip:2@[::1]:5;transport=tcp>;q=0.5;expires=70",
        "<>", "<", "\"", "<sip:>", "<sip:@:>", "<tel:1>", "sip:1@127.0.0.1;expires=x", "<sip:1@[::1>",
        "<sip:1@127.0.0.1>,<sip:1@127.0.0.1>,<sip:1@127.0.0.1>,<sip:1@127.0.0.1>,<sip:1@127.0.0.1>,"
        "<sip:1@127.0.0.1>,<sip:1@127.0.0.1>,<sip:1@127.0.0.1>,<sip:1@127.0.0.1>,<sip:1@127.0.0.1>",
    };
    char text[4096], out[4096], to[256], target[256], contact[64];
    uint16_t own, port = hotline_sip_port(side->sip, 0);
    int fd = telephone(&own);
    for (size_t i = 0; i < sizeof contacts / sizeof contacts[0]; i++) {
        snprintf(out, sizeof out,
            "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKr%zu\r\n"
            "From: <sip:1@127.0.0.1>;tag=1\r\nTo: <sip:1@127.0.0.1>\r\nCall-ID: r\r\nCSeq: %zu REGISTER\r\n"
            "Contact: %s\r\nExpires: 4294967295\r\nContent-Length: 0\r\n\r\n",
            own, i, i + 1, contacts[i]);
        say(fd, port, out);
        check("a REGISTER is answered", hear(fd, "SIP/2.0", text, sizeof text));
        if (i == 1) check("423 with the least", strstr(text, "423") && strstr(text, "Min-Expires: 60"));
    }
    pthread_mutex_lock(&lock);
    side->plan = ANSWER;
    pthread_mutex_unlock(&lock);
    snprintf(out, sizeof out,
        "REFER sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKo\r\n"
        "From: <sip:1@127.0.0.1>;tag=1\r\nTo: <sip:1@127.0.0.1>\r\nCall-ID: o\r\nCSeq: 1 REFER\r\n"
        "Contact: <sip:1@127.0.0.1:%u>\r\nRefer-To: <sip:2@127.0.0.1>\r\nContent-Length: 0\r\n\r\n", own, own);
    say(fd, port, out);
    /* The first word that comes: not a NOTIFY of the stack's own, to whomever Contact names. */
    check("a REFER outside of calls gets 405, and nothing else",
        hear(fd, "SIP/2.0", text, sizeof text) && strncmp(text, "SIP/2.0 405", 11) == 0 && side->refer[0] == 0);
    snprintf(out, sizeof out,
        "INVITE sip:b@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKi\r\n"
        "From: <sip:1@127.0.0.1>;tag=1\r\nTo: <sip:b@127.0.0.1>\r\nCall-ID: i\r\nCSeq: 1 INVITE\r\n"
        "Contact: <sip:1@127.0.0.1:%u>\r\nAuthorization: Digest username=\"x\"\r\n"
        "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
        own, own, strlen(SDP("sendrecv")), SDP("sendrecv"));
    say(fd, port, out);
    check("the telephone's call is answered", hear(fd, "SIP/2.0 200", text, sizeof text));
    field(text, "To: ", to, sizeof to);
    field(text, "Contact: <", contact, sizeof contact);
    snprintf(target, sizeof target, "%.*s", (int)strcspn(contact, ">"), contact);
    snprintf(out, sizeof out,
        "ACK %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKa\r\nFrom: <sip:1@127.0.0.1>;tag=1\r\n"
        "To: %s\r\nCall-ID: i\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n", target, own, to);
    say(fd, port, out);
    snprintf(out, sizeof out,
        "REFER %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKf\r\nFrom: <sip:1@127.0.0.1>;tag=1\r\n"
        "To: %s\r\nCall-ID: i\r\nCSeq: 2 REFER\r\nContact: <sip:1@127.0.0.1:%u>\r\n"
        "Refer-To: <sip:1002@127.0.0.1?Replaces=a%%40h>\r\nContent-Length: 0\r\n\r\n", target, own, to, own);
    say(fd, port, out);
    check("NOTIFY 100", hear(fd, "SIP/2.0 100 Trying\r\n", text, sizeof text) && strstr(text, "NOTIFY "));
    check("with what was asked for", strcmp(side->refer, "1002?Replaces=a%40h") == 0);
    for (int final = 0; final < 2; final++) {
        char via[256], cseq[64], from[256];
        field(text, "Via: ", via, sizeof via);
        field(text, "CSeq: ", cseq, sizeof cseq);
        field(text, "From: ", from, sizeof from);
        snprintf(out, sizeof out,
            "SIP/2.0 200 OK\r\nVia: %s\r\nFrom: %s\r\nTo: <sip:1@127.0.0.1>;tag=1\r\nCall-ID: i\r\nCSeq: %s\r\n"
            "Content-Length: 0\r\n\r\n", via, from, cseq);
        say(fd, port, out);
        if (final) break;
        command(side, 6);
        check("NOTIFY of the end", hear(fd, "Subscription-State: terminated", text, sizeof text));
        check("with its status", strstr(text, "\r\nSIP/2.0 200 OK") != NULL);
    }
    snprintf(out, sizeof out,
        "BYE %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKb\r\nFrom: <sip:1@127.0.0.1>;tag=1\r\n"
        "To: %s\r\nCall-ID: i\r\nCSeq: 3 BYE\r\nContent-Length: 0\r\n\r\n", target, own, to);
    say(fd, port, out);
    expect("the telephone's BYE", side, HOTLINE_SIP_BYE, 1);
    close(fd);
}

static void garbage(uint16_t port)
{
    static const char *const texts[] = {
        "", "\r\n\r\n", "INVITE", "INVITE sip:x SIP/2.0\r\n\r\n", "SIP/2.0 200\r\n\r\n", "\0\1\0\0!\x12\xa4\x42",
        "INVITE sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
        "To: <sip:c@d>\r\nCall-ID: g\r\nCSeq: 1 INVITE\r\nContent-Length: 99999999\r\n\r\nv=0",
    };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    for (int round = 0; round < 20; round++)
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            sendto(fd, texts[i], i == 5 ? 8 : strlen(texts[i]), 0, (struct sockaddr *)&to, sizeof to);
    close(fd);
}

int main(void)
{
    char error[256] = "", url[64];
    struct hotline_sip_options options = {
        .urls = { "sip:127.0.0.1:0", "sip:[::1]:0" }, .url_count = 2, .user_agent = "driver", .session_expires = 1800,
        .minimum_expires = 90,
    };
    struct hotline_sip_counters counters;
    setvbuf(stdout, NULL, _IONBF, 0);
    callee.sip = hotline_sip_start(&options, handler, &callee, error, sizeof error);
    caller.sip = hotline_sip_start(&options, handler, &caller, error, sizeof error);
    if (!callee.sip || !caller.sip) {
        printf("FAILED: start: %s\n", error);
        return 1;
    }
    check("two addresses, two ports", hotline_sip_port(callee.sip, 0) && hotline_sip_port(callee.sip, 1));
    snprintf(url, sizeof url, "sip:127.0.0.1:%u", hotline_sip_port(callee.sip, 0));
    snprintf(caller.target, sizeof caller.target, "sip:b@127.0.0.1:%u", hotline_sip_port(callee.sip, 0));
    struct hotline_sip_options taken = options;
    taken.urls[0] = url;
    check("a taken port is an error with a text", !hotline_sip_start(&taken, handler, &callee, error, sizeof error) && error[0]);
    check("commands from another thread are refused", !hotline_sip_respond(callee.sip, 8192, 200, NULL));

    begin(ANSWER, ANSWER, 1);
    expect("digest, 183, 200, ACK", &callee, HOTLINE_SIP_ACK, 1);
    expect("re-INVITE", &callee, HOTLINE_SIP_REINVITE, 1);
    expect("its ACK", &callee, HOTLINE_SIP_ACK, 2);
    command(&caller, 3);
    expect("BYE", &callee, HOTLINE_SIP_BYE, 1);
    expect("the caller's call ends (the challenged one and the real one are one)", &caller, HOTLINE_SIP_ENDED, 1);
    expect("the callee's calls end", &callee, HOTLINE_SIP_ENDED, 2);
    check("Reason came through", strstr(callee.reason, "Q.850;cause=16") != NULL);

    begin(RING_ONLY, SILENT, 1);
    expect("180", &caller, HOTLINE_SIP_RESPONSE, 1);
    command(&caller, 2);
    expect("CANCEL", &callee, HOTLINE_SIP_CANCEL, 1);
    expect("cancelled call ends here", &caller, HOTLINE_SIP_ENDED, 1);
    expect("cancelled call ends there", &callee, HOTLINE_SIP_ENDED, 1);

    begin(REFUSE, SILENT, 1);
    expect("refused", &caller, HOTLINE_SIP_ENDED, 1);
    check("with 486", caller.last_status == 486);

    begin(ANSWER_AND_DROP, SILENT, 1);
    expect("answered and dropped", &callee, HOTLINE_SIP_ACK, 1);
    command(&caller, 3);
    expect("the dropped call ends here", &caller, HOTLINE_SIP_ENDED, 1);

    begin(SILENT, SILENT, 4);
    expect("a registration refused", &caller, HOTLINE_SIP_REGISTERED, 1);
    check("with 405", caller.last_status == 405);

    /* A third stack that takes phones. */
    struct hotline_sip_options with_phones = options;
    with_phones.phones = 1;
    registrar.sip = hotline_sip_start(&with_phones, handler, &registrar, error, sizeof error);
    check("a stack with phones starts", registrar.sip != NULL);
    if (registrar.sip) {
        char before[64];
        snprintf(before, sizeof before, "%s", caller.target);
        snprintf(caller.target, sizeof caller.target, "sip:127.0.0.1:%u", hotline_sip_port(registrar.sip, 0));
        begin(SILENT, SILENT, 4);
        expect("challenged, then registered", &caller, HOTLINE_SIP_REGISTERED, 2);
        check("with 200", caller.last_status == 200);
        check("the contact is told", strncmp(registrar.contacts, "sip:a@127.0.0.1;", 16) == 0);
        check("a long Authorization comes whole", strstr(registrar.authorization, "response=") &&
            strstr(registrar.authorization, "nc=") && strstr(registrar.authorization, "cnonce=") &&
            registrar.authorization[strlen(registrar.authorization) - 1] != ' ');
        telephones(&registrar);
        hotline_sip_stop(registrar.sip);
        hotline_sip_destroy(registrar.sip);
        snprintf(caller.target, sizeof caller.target, "%s", before);
    }

    garbage(hotline_sip_port(callee.sip, 0));
    begin(REFUSE, SILENT, 1);
    expect("served after garbage", &caller, HOTLINE_SIP_ENDED, 1);

    begin(SILENT, SILENT, 5);
    expect("fifty calls that nobody answers", &callee, HOTLINE_SIP_INVITE, 50);
    hotline_sip_count(callee.sip, &counters);
    check("counted as undecided", counters.undecided >= 50);
    hotline_sip_stop(callee.sip);
    hotline_sip_stop(caller.sip);
    check("stopped with half-open calls", 1);
    hotline_sip_destroy(callee.sip);
    hotline_sip_destroy(caller.sip);
    printf("%d failures\n", failures);
    return failures;
}
