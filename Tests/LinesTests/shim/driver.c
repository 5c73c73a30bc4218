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
    int to_do; /* for the wake-up: 1 dial, 2 cancel, 3 bye, 4 register, 5 fifty calls */
    int authenticated;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct side caller = { .name = "caller" }, callee = { .name = "callee" };
static int failures;

static void called(hotline_sip *sip, const struct hotline_sip_event *e, struct side *side)
{
    char contact[64];
    snprintf(contact, sizeof contact, "<sip:b@127.0.0.1:%u>", hotline_sip_port(sip, 0));
    struct hotline_sip_message answer = { .contact = contact, .sdp = SDP("sendrecv") };
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
    default: break;
    }
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
